import { useEffect, useRef, useState } from 'preact/hooks';
import type { EventDetail } from '../../../src/view/api.ts';
import { copyText } from '../../part/copy.ts';
import { ago, localParts, plural, zoneAt } from '../../part/format.ts';
import { Icon } from '../../part/icon.tsx';
import { ErrorNotice } from '../../part/notice.tsx';
import { shownText, titleText } from '../../part/text.ts';
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

/** One event in full, beside the list. */
export function Detail({ id, columns }: { id: string; columns: string[] }) {
  const { tab } = address.value;
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
      <div class="tabs" role="tablist" aria-label="Views of the event">
        {TABS.map(({ id, words }) => (
          <button
            key={id}
            role="tab"
            id={`tab-${id}`}
            aria-selected={tab === id}
            aria-controls="detail-body"
            onClick={() => go({ tab: id }, 'replace')}
          >
            {words}
          </button>
        ))}
      </div>
      <div
        class="detail-body"
        id="detail-body"
        role="tabpanel"
        aria-label={TABS.find((one) => one.id === tab)?.words ?? 'Fields'}
        tabIndex={0}
      >
        {asked.error && <ErrorNotice failure={asked.error} again={asked.again} />}
        {!event && !asked.error && <p class="working">Reading the event …</p>}
        {event && tab === 'raw' && <Raw event={event} />}
        {event && tab === 'near' && <Neighbours id={id} ts={event.ts} columns={columns} />}
        {event && tab !== 'raw' && tab !== 'near' && <Tree document={event.document} />}
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

/** The line as it was written. */
function Raw({ event }: { event: EventDetail }) {
  const [whole, setWhole] = useState(false);
  const [pretty, setPretty] = useState(false);
  const text = event.line ?? hexLines(event.line_hex ?? '');
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
      {event.line === null && <p class="warn">The line is not valid UTF-8 text; these are its bytes.</p>}
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

/** Sixteen bytes a line: place, hexadecimal, and what is printable. */
function hexLines(hex: string): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(hex.length, 131_072); at += 32) {
    const bytes = hex.slice(at, at + 32).match(/../g) ?? [];
    const text = bytes
      .map((byte) => (byte >= '20' && byte <= '7e' ? String.fromCharCode(Number.parseInt(byte, 16)) : '·'))
      .join('');
    lines.push(`${(at / 2).toString(16).padStart(8, '0')}  ${bytes.join(' ').padEnd(48)}  ${text}`);
  }
  return lines.join('\n');
}
