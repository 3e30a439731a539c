import type { SourceContext } from '../source.ts';
import type { Claims } from './open-files.ts';

/** Claims on files for one source, in the map that all sources of the process share; without such a map every claim is granted. */
export function claimsOf({ claims, id }: SourceContext): Claims {
  return {
    claim: (key) => {
      const owner = claims?.get(key);
      if (owner !== undefined && owner !== id) return false;
      claims?.set(key, id);
      return true;
    },
    release: (key) => {
      if (claims?.get(key) === id) claims.delete(key);
    },
  };
}
