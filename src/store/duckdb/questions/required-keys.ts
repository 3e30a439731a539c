import { communityKeyOf } from '../../../event/community-id.ts';
import type { Query } from '../../../search/ast.ts';
import { resolveField } from '../../../search/fields.ts';
import { typeTest } from '../../../search/typed.ts';
import { communityKey, flowKey, type Key } from '../key-filter.ts';

const MAX_FLOW_ID = 2n ** 64n - 1n;

/** Flows and communities that every matching event belongs to: a segment that lacks one of them need not be opened. */
export function requiredKeys(query: Query): Key[] {
  if (query.type === 'and') return query.nodes.flatMap(requiredKeys);
  if (query.type !== 'field') return [];
  const [target, ...others] = resolveField(query.field);
  if (target === undefined || others.length > 0) return [];
  const test = typeTest(target, query.test);
  if ('misfit' in test) return [];
  if (target.column === 'flow_id' && test.op === 'number') {
    const { low, high } = test.interval;
    return low !== null && low === high && low >= 0n && low <= MAX_FLOW_ID ? [flowKey(low)] : [];
  }
  if (target.field === 'network.community_id' && test.op === 'any' && test.text?.op === 'text') {
    const key = communityKeyOf(test.text.value);
    return key < 0 ? [] : [communityKey(key)];
  }
  return [];
}
