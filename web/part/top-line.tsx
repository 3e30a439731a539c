import { chooseTheme, theme, THEMES } from '../state/theme.ts';
import { silentSince } from '../state/live.ts';
import { ago } from './format.ts';
import { Icon } from './icon.tsx';
import { helpOpen } from './keys.ts';
import { HealthLamp } from './lamp.tsx';
import { SearchLine } from './search-line.tsx';
import { TimeRange } from './time-range.tsx';
import { ValueMenu } from './value-menu.tsx';

export function TopLine() {
  const now = theme.value;
  const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]!;
  return (
    <header class="top">
      <SearchLine />
      <div class="top-right">
        <TimeRange />
        <HealthLamp />
        <button
          class="plain"
          title={`Colours: ${now} (click for ${next})`}
          aria-label={`Colours: ${now}. Change to ${next}`}
          onClick={() => chooseTheme(next)}
        >
          <Icon name={now} />
        </button>
        <button class="plain wide-only" title="Keys (?)" aria-label="Keys" onClick={() => (helpOpen.value = true)}>
          <Icon name="help" />
        </button>
      </div>
      {/* Floats above everything; it stands here so that it belongs to a landmark. */}
      <ValueMenu />
      {silentSince.value !== null && (
        <p class="silent" role="alert">
          <Icon name="warn" /> The station has not answered since{' '}
          {new Date(silentSince.value).toLocaleTimeString([], { hour12: false })} ({ago(silentSince.value, Date.now())}
          ). What you see is from before; the page keeps trying.
        </p>
      )}
    </header>
  );
}
