import { useState } from 'preact/hooks';
import type { QuarantinePage, StationStatus } from '../../../src/view/api.ts';
import { bytes, exact, localTime, plural, timeTitle } from '../../part/format.ts';
import { Icon } from '../../part/icon.tsx';
import { copyText, say } from '../../part/copy.ts';
import { Link } from '../../part/link.tsx';
import { ErrorNotice } from '../../part/notice.tsx';
import { shownText, titleText } from '../../part/text.ts';
import { type Address, address, go } from '../../state/address.ts';
import { ask, type Failure, failureOf, post } from '../../state/api.ts';
import { useAsk } from '../../state/ask.ts';
import { useKeys } from '../../part/keys.ts';

const PAGE = 50;
/** Bytes of a line that an answer holds at most (`QuarantinePage` in src/view/api.ts). */
const SENT_BYTES = 65_536;
type Line = QuarantinePage['lines'][number];

/** The lines that are no events: verbatim, with the reason and the place. */
export function Quarantine({ status }: { status: StationStatus | null }) {
  const { refused: filter, offset } = address.value;
  const show = (refused: Address['refused'], offset: number): void => go({ refused, offset });
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const asked = useAsk(JSON.stringify([filter, offset]), (signal) =>
    ask<QuarantinePage>('quarantine', { limit: PAGE, offset, code: filter?.code, source: filter?.source }, signal),
  );
  useKeys({ Escape: () => go({ view: '' }), r: asked.again });
  const retry = async (): Promise<void> => {
    setWorking(true);
    setFailure(null);
    try {
      const { tried, stored } = await post<{ tried: number; stored: number }>('quarantine/retry', {});
      say(`${plural(tried, 'line')} tried again: ${plural(stored, 'event')} stored, ${exact(tried - stored)} stay`);
      asked.again();
    } catch (error) {
      setFailure(failureOf(error));
    }
    setWorking(false);
  };
  const page = asked.value;
  const all = page?.by_code.reduce((sum, { count }) => sum + count, 0) ?? 0;
  return (
    <main class={asked.stale ? 'quarantine stale' : 'quarantine'}>
      <header class="sub-head">
        <Link to={{ view: '' }} class="plain" title="Back to the overview (Esc)">
          <Icon name="back" /> Overview
        </Link>
        <h1>Quarantine</h1>
        <span class="muted">{page ? plural(all, 'line') : 'asking …'}, kept verbatim with the reason</span>
        <button
          onClick={() => void retry()}
          disabled={working || all === 0}
          title="Parse these lines again, for example after an update of Varde"
        >
          <Icon name="again" /> {working ? 'Trying again …' : 'Try all again'}
        </button>
      </header>
      {failure && <ErrorNotice failure={failure} />}
      {asked.error && <ErrorNotice failure={asked.error} again={asked.again} />}
      {page && all === 0 && (
        <p class="calm big">
          No line is in quarantine: all{' '}
          {status ? exact(status.sources.reduce((sum, s) => sum + s.accounting.lines_read, 0)) : ''} lines that were
          read are events.
        </p>
      )}
      {page && all > 0 && (
        <>
          <div class="chips" role="group" aria-label="Reasons">
            <button aria-pressed={filter === null} onClick={() => show(null, 0)}>
              all reasons <b>{exact(all)}</b>
            </button>
            {page.by_code.map(({ code, source, count, title }) => (
              <button
                key={`${code} ${source}`}
                title={`${title} (${shownText(source, 60)})`}
                aria-pressed={filter?.code === code && filter.source === source}
                onClick={() => show({ code, source }, 0)}
              >
                {shownText(code, 40)} <span class="muted mono">{shownText(source, 40)}</span> <b>{exact(count)}</b>
              </button>
            ))}
          </div>
          <ol class="refused">
            {page.lines.map((line) => (
              <Refused
                key={`${line.file_id} ${line.offset}`}
                line={line}
                title={page.by_code.find(({ code }) => code === line.code)?.title ?? ''}
                now={status?.now ?? Date.now()}
              />
            ))}
          </ol>
          <footer class="pager">
            <button disabled={offset === 0} onClick={() => show(filter, Math.max(0, offset - PAGE))}>
              Newer
            </button>
            <span class="muted num">
              {exact(Math.min(offset + 1, page.total))}–{exact(Math.min(offset + PAGE, page.total))} of{' '}
              {exact(page.total)}
            </span>
            <button disabled={offset + PAGE >= page.total} onClick={() => show(filter, offset + PAGE)}>
              Older
            </button>
          </footer>
        </>
      )}
    </main>
  );
}

function Refused({ line, title, now }: { line: Line; title: string; now: number }) {
  const [open, setOpen] = useState(false);
  const content = line.text;
  // Of a long line the station sends the beginning.
  const cut = content !== null && line.length > SENT_BYTES;
  const copied = line.hex === null ? 'Line' : 'Bytes in hexadecimal';
  return (
    <li class="panel">
      <header>
        <b class="warn">{title || shownText(line.code, 60)}</b>
        <code>{shownText(line.code, 60)}</code>
        <span class="muted">{shownText(line.detail, 200)}</span>
        <time title={timeTitle(line.time * 1000, now)}>{localTime(line.time * 1000)}</time>
      </header>
      <p class="muted mono" title={titleText(line.path)}>
        <bdi>{shownText(line.path, 120)}</bdi> at byte {exact(line.offset)}, {plural(line.length, 'byte')} ·{' '}
        {shownText(line.source, 60)}
      </p>
      {content === null ? (
        <p class="muted">Only the place was kept: the line is longer than the limit.</p>
      ) : (
        <div class="line">
          <pre class="mono" tabIndex={0} aria-label="The line">
            {content === '' ? '(empty line)' : shownText(content, open ? 65_536 : 400)}
          </pre>
          <div class="buttons">
            {content.length > 400 && (
              <button onClick={() => setOpen(!open)}>
                {open ? 'Less' : cut ? 'More' : `All ${plural(content.length, 'character')}`}
              </button>
            )}
            <button
              onClick={() => void copyText(line.hex ?? content, cut ? `The first ${exact(SENT_BYTES)} bytes` : copied)}
            >
              <Icon name="copy" />{' '}
              {cut ? `Copy the first ${bytes(SENT_BYTES)}` : line.hex === null ? 'Copy' : 'Copy the bytes'}
            </button>
          </div>
        </div>
      )}
      {line.hex !== null && (
        <p class="muted">
          It is not valid UTF-8 text: what is wrong stands as �. Copying takes the bytes, in hexadecimal.
        </p>
      )}
      {cut && (
        <p class="muted">
          These are the first {exact(SENT_BYTES)} of {plural(line.length, 'byte')}. The whole line:{' '}
          <code>varde query --quarantine --raw</code>
        </p>
      )}
    </li>
  );
}
