import { useEffect, useRef, useState } from 'preact/hooks';
import type { EventDetail } from '../../../src/view/api.ts';
import { copyText } from '../../part/copy.ts';
import { ago, exact, localParts, plural, zoneAt } from '../../part/format.ts';
import { Icon } from '../../part/icon.tsx';
import { ErrorNotice } from '../../part/notice.tsx';
import { shownText, titleText } from '../../part/text.ts';
import { Working } from '../../part/working.tsx';
import { visibleLines } from '../../../src/base/text-safe.ts';
import { address, go } from '../../state/address.ts';
import { ask } from '../../state/api.ts';
import { useAsk } from '../../state/ask.ts';
import { nowMicros } from '../../state/live.ts';
import { Headline } from './headline.tsx';
import { Neighbours } from './neighbours.tsx';
import { Tree } from './tree.tsx';

const TABS = [
  { id: '', words: 'Fields' },
  { id: 'raw', words: 'Raw' },
  { id: 'near', words: 'Neighbours' },
] as const;

/** As the pattern for tabs wants it (WAI-ARIA Authoring Practices): one of them is in the tab order, arrow keys show and focus its neighbours. */
function tabKeys(event: KeyboardEvent): void {
  const tabs = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('[role=tab]')];
  const now = tabs.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (now < 0 || to === undefined) return;
  event.preventDefault();
  const next = (to + tabs.length) % tabs.length;
  tabs[next]!.focus();
  go({ tab: TABS[next]!.id }, 'replace');
}

/** One event in full, beside the list. */
export function Detail({ id, columns }: { id: string; columns: string[] }) {
  const { tab } = address.value;
  const shown = TABS.find((one) => one.id === tab) ?? TABS[0];
  const asked = useAsk<EventDetail>(id, (signal) => ask('event', { id }, signal));
  const panel = useRef<HTMLElement>(null);
  const event = asked.value;
  useEffect(() => {
    panel.current?.querySelector('.detail-body')?.scrollTo(0, 0);
  }, [id, tab]);
  return (
    <aside ref={panel} class={asked.stale ? 'detail stale' : 'detail'} aria-label="Event">
      <header>
        {event ? <When ts={event.ts} /> : <span class="when muted">Event</span>}
        <button
          class="plain"
          title="Close (Esc)"
          aria-label="Close the event"
          onClick={() => go({ id: null, tab: '' })}
        >
          <Icon name="close" />
        </button>
      </header>
      {event && <Headline document={event.document} />}
      <div class="tabs" role="tablist" aria-label="Views of the event" onKeyDown={tabKeys}>
        {TABS.map(({ id, words }) => (
          <button
            key={id}
            role="tab"
            id={`tab-${id}`}
            aria-selected={shown.id === id}
            aria-controls="detail-body"
            tabIndex={shown.id === id ? 0 : -1}
            onClick={() => go({ tab: id }, 'replace')}
          >
            {words}
          </button>
        ))}
      </div>
      <div class="detail-body" id="detail-body" role="tabpanel" aria-label={shown.words} tabIndex={0}>
        {asked.error && <ErrorNotice failure={asked.error} again={asked.again} />}
        {!event && !asked.error && <Working asked={asked} doing="Reading the event" />}
        {event && shown.id === 'raw' && <Raw key={event.id} event={event} />}
        {event && shown.id === 'near' && <Neighbours id={id} ts={event.ts} columns={columns} />}
        {event && shown.id === '' && <Tree document={event.document} />}
      </div>
    </aside>
  );
}

function When({ ts }: { ts: number }) {
  const { date, time, fraction } = localParts(ts);
  return (
    <span class="when" title={zoneAt(ts / 1000)}>
      <b class="num">
        {date} {time}.{fraction}
      </b>{' '}
      <span class="muted">{ago(ts / 1000, nowMicros() / 1000)}</span>
    </span>
  );
}

const FIRST_PART = 65_536;
const DUMP_BYTES = 65_536;

/** The line as it was written. */
function Raw({ event }: { event: EventDetail }) {
  const [whole, setWhole] = useState(false);
  const [pretty, setPretty] = useState(false);
  const text = event.line ?? hexLines(event.line_hex ?? '');
  // A byte takes four characters of the dump: one of 16 MiB would be more than a browser can show.
  const bytes = (event.line_hex?.length ?? 0) / 2;
  const shown = pretty && event.line !== null ? spread(event.line) : text;
  const cut = !whole && shown.length > FIRST_PART;
  return (
    <>
      <div class="buttons">
        <button
          onClick={() =>
            void copyText(event.line ?? event.line_hex ?? '', event.line === null ? 'Bytes in hexadecimal' : 'Line')
          }
        >
          <Icon name="copy" /> Copy the line
        </button>
        {event.line !== null && (
          <button aria-pressed={pretty} onClick={() => setPretty(!pretty)}>
            Indented
          </button>
        )}
        <span class="muted mono" title={titleText(event.path)}>
          <bdi>{shownText(event.path, 60)}</bdi>
        </span>
      </div>
      {event.line === null && (
        <p class="warn">
          The line is not valid UTF-8 text; these are its bytes
          {bytes > DUMP_BYTES && `, the first ${exact(DUMP_BYTES)} of ${exact(bytes)}. Copy the line takes all of them`}
          .
        </p>
      )}
      <pre class="mono raw">{visibleLines(cut ? shown.slice(0, FIRST_PART) : shown)}</pre>
      {cut && <button onClick={() => setWhole(true)}>Show all {plural(shown.length, 'character')}</button>}
    </>
  );
}

/** JSON with line breaks, made without parsing it: numbers beyond 2^53 and doubled keys stay as they are. */
function spread(line: string): string {
  let out = '';
  let depth = 0;
  let inText = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (inText) {
      if (c === '\\') out += c + (line[++i] ?? '');
      else {
        out += c;
        if (c === '"') inText = false;
      }
      continue;
    }
    if (c === '"') inText = true;
    const indent = (): string => `\n${'  '.repeat(Math.min(depth, 40))}`;
    if (c === '{' || c === '[') {
      depth++;
      out += c + (line[i + 1] === '}' || line[i + 1] === ']' ? '' : indent());
    } else if (c === '}' || c === ']') {
      depth--;
      out += (line[i - 1] === '{' || line[i - 1] === '[' ? '' : indent()) + c;
    } else if (c === ',') out += `,${indent()}`;
    else out += c === ':' ? ': ' : c;
  }
  return out;
}

/** Sixteen bytes a line: place, hexadecimal, and what is printable; no more than {@link DUMP_BYTES}. */
function hexLines(hex: string): string {
  const lines: string[] = [];
  const end = Math.min(hex.length, 2 * DUMP_BYTES);
  for (let at = 0; at < end; at += 32) {
    const bytes = hex.slice(at, Math.min(end, at + 32)).match(/../g) ?? [];
    const text = bytes
      .map((byte) => (byte >= '20' && byte <= '7e' ? String.fromCharCode(Number.parseInt(byte, 16)) : '·'))
      .join('');
    lines.push(`${(at / 2).toString(16).padStart(8, '0')}  ${bytes.join(' ').padEnd(48)}  ${text}`);
  }
  return lines.join('\n');
}
