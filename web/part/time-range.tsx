import { useRef, useState } from 'preact/hooks';
import { go, range } from '../state/address.ts';
import { nowMicros } from '../state/live.ts';
import { boundsOf, PRESETS, type Range } from '../state/range.ts';
import { ago, localTime, offsetAt, zoneAt } from './format.ts';
import { Floating } from './floating.tsx';
import { Icon } from './icon.tsx';

/** What the button says: a preset's words, or both ends in local time. */
function rangeWords(value: Range): string {
  if (value.kind === 'all') return 'All time';
  if (value.kind === 'last') return PRESETS.find(({ text }) => text === value.text)?.words ?? `Last ${value.text}`;
  const from = localTime(value.from);
  if (value.to === null) return `${from} – now`;
  const to = localTime(value.to);
  return from.slice(0, 10) === to.slice(0, 10) ? `${from} – ${to.slice(11)}` : `${from} – ${to}`;
}

function rangeTitle(value: Range): string {
  const now = nowMicros();
  const { from, to } = boundsOf(value, now);
  const point = (at: number | null, open: string): string =>
    at === null ? open : `${localTime(at)} (${ago(at / 1000, now / 1000)})`;
  return `from ${point(from, 'the oldest event')}\nto ${point(to, 'now')}\n${zoneAt(now / 1000)}`;
}

export function TimeRange() {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const value = range.value;
  // Summer time may have begun since.
  const end = (boundsOf(value, nowMicros()).to ?? nowMicros()) / 1000;
  return (
    <>
      <button
        ref={button}
        class="field range"
        title={rangeTitle(value)}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(true)}
      >
        <Icon name="clock" />
        <span class="offscreen">Time range: </span>
        <span>{rangeWords(value)}</span>
        <span class="muted zone">
          <span class="wide-only">{zoneAt(end)}</span>
          <span class="narrow-only">{offsetAt(end)}</span>
        </span>
      </button>
      {open && (
        <Floating anchor={button.current!} label="Time range" class="range-box" onClose={() => setOpen(false)}>
          <RangeChoice value={value} onDone={() => setOpen(false)} />
        </Floating>
      )}
    </>
  );
}

function RangeChoice({ value, onDone }: { value: Range; onDone(): void }) {
  const now = nowMicros();
  const bounds = boundsOf(value, now);
  const [from, setFrom] = useState(inputTime(bounds.from ?? now - 86_400e6));
  const [to, setTo] = useState(bounds.to === null ? '' : inputTime(bounds.to));
  const start = from === '' ? null : new Date(from).getTime() * 1000;
  const end = to === '' ? null : new Date(to).getTime() * 1000;
  const wrong = start === null || Number.isNaN(start) || (end !== null && !(end > start));
  const choose = (range: Range): void => {
    onDone();
    go({ range });
  };
  return (
    <>
      <div class="presets" role="group" aria-label="Ranges that end now">
        {PRESETS.map(({ text, words, short }) => (
          <button
            key={text}
            title={words}
            aria-pressed={value.kind === 'last' && value.text === text}
            onClick={() => choose({ kind: 'last', text })}
          >
            {short}
          </button>
        ))}
        <button aria-pressed={value.kind === 'all'} onClick={() => choose({ kind: 'all' })}>
          all
        </button>
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong) choose({ kind: 'span', from: start, to: end });
        }}
      >
        <label>
          <span>From</span>
          <input type="datetime-local" step="1" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
        </label>
        <label>
          <span>To</span>
          <input type="datetime-local" step="1" value={to} onInput={(event) => setTo(event.currentTarget.value)} />
        </label>
        <p class="muted">
          {wrong
            ? 'The end must lie behind the start.'
            : to === ''
              ? `An empty end means: until now. ${zoneAt(now / 1000)}`
              : zoneAt(now / 1000)}
        </p>
        <div class="buttons">
          <button type="submit" class="main" disabled={wrong}>
            Show this range
          </button>
          {value.kind === 'last' && (
            <button
              type="button"
              title="So that a copied address shows the same events later"
              onClick={() => choose({ kind: 'span', from: Math.round(bounds.from!), to: Math.round(now) })}
            >
              Fix these times
            </button>
          )}
        </div>
      </form>
    </>
  );
}

/** As an input of type datetime-local wants it: local, to the second. */
function inputTime(micros: number): string {
  return localTime(micros).replace(' ', 'T');
}
