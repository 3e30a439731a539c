import { useState } from 'preact/hooks';
import type { Accounting, SourceReport, StationStatus } from '../../../src/view/api.ts';
import { ago, bytes, exact, localTime, plural, timeTitle } from '../../part/format.ts';
import { Icon } from '../../part/icon.tsx';
import { Link } from '../../part/link.tsx';
import { shownText, titleText } from '../../part/text.ts';
import { only } from '../../state/expression.ts';

type FileState = SourceReport['files'][number];

const STATES: Record<FileState['state'], string> = {
  reading: 'reading',
  current: 'up to date',
  waiting_for_newline: 'waits for the line’s end',
  finished: 'finished',
  gone: 'gone',
  unreadable: 'unreadable',
  broken: 'broken',
};

/** Is everything being seen: each source with its position, its lag, and where every line went. */
export function Sources({ status }: { status: StationStatus }) {
  const files = status.sources.reduce((all, source) => all + source.files.length, 0);
  return (
    <section class="panel sources" aria-label="Sources">
      <header>
        <h2>Sources</h2>
        <span class="muted">read = stored + quarantined + in flight</span>
      </header>
      {status.sources.length === 0 ? (
        <p class="calm">
          No source is configured. <code>varde up</code> without a config follows the usual places of Suricata’s log;
          for others name the files under <code>sources:</code> in the config (config/varde.example.yaml shows every
          key).
        </p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Sources, table">
          <table class="small">
            <thead>
              <tr>
                <th>Source</th>
                <th>State</th>
                <th class="num">Last line</th>
                <th class="num">Position</th>
                <th class="num">Waiting</th>
                <th class="num">Read</th>
                <th class="num">Stored</th>
                <th class="num">Quarantined</th>
                <th class="num">In flight</th>
              </tr>
            </thead>
            {status.sources.map((source) => (
              <SourceRows key={source.id} source={source} now={status.now} few={files <= 4} />
            ))}
          </table>
        </div>
      )}
    </section>
  );
}

function SourceRows({ source, now, few }: { source: SourceReport; now: number; few: boolean }) {
  // Where there is room for them, the files are shown at once.
  const [open, setOpen] = useState(few);
  const bad = source.problems.length > 0;
  const position = source.files.reduce((all, file) => all + file.position, 0);
  return (
    <tbody>
      <tr>
        <td>
          <button
            class="fold"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
            title={titleText(source.patterns.join('\n'))}
          >
            <Icon name={open ? 'down' : 'right'} />
            <bdi class="mono">{shownText(source.patterns[0] ?? source.id, 60)}</bdi>
            {source.patterns.length > 1 && <span class="muted"> +{source.patterns.length - 1}</span>}
          </button>
        </td>
        <td class={bad ? 'bad' : ''}>
          {bad ? `${plural(source.problems.length, 'problem')}` : source.lag_bytes > 0 ? 'reading' : 'up to date'}
          <span class="muted"> · {plural(source.files.length, 'file')}</span>
        </td>
        <td class="num" {...(source.last_line === null ? {} : { title: timeTitle(source.last_line * 1000, now) })}>
          {source.last_line === null ? 'none yet' : ago(source.last_line, now, 1)}
        </td>
        <td class="num" title={`${exact(position)} bytes`}>
          {bytes(position)}
        </td>
        <td class="num" title={`${exact(source.lag_bytes)} bytes wait to be read`}>
          {bytes(source.lag_bytes)}
        </td>
        <Books accounting={source.accounting} stored={only('varde.source', source.id)} />
      </tr>
      {source.problems.map((problem) => (
        <tr key={problem.code + problem.message}>
          <td colSpan={9} class="problem">
            <Icon name="warn" /> <b>{shownText(problem.message, 400)}</b> {shownText(problem.remedy, 400)}{' '}
            <code class="muted">{shownText(problem.code, 60)}</code>
          </td>
        </tr>
      ))}
      {open &&
        source.files.map((file) => (
          <FileRow
            key={file.path}
            file={file}
            books={file.id === null ? undefined : source.by_file[file.id]}
            now={now}
          />
        ))}
      {open && source.files.length === 0 && (
        <tr class="file">
          <td colSpan={9} class="muted">
            No file matches yet; one is taken up as soon as it appears.
          </td>
        </tr>
      )}
    </tbody>
  );
}

function FileRow({ file, books, now }: { file: FileState; books: Accounting | undefined; now: number }) {
  const bad = file.state === 'unreadable' || file.state === 'broken';
  return (
    <tr class="file">
      <td
        class="mono"
        title={`${titleText(file.path)}\n${file.id === null ? 'not identified yet' : `identity ${file.id}`}`}
      >
        <bdi>{shownText(file.path, 70)}</bdi>
      </td>
      <td class={bad ? 'bad' : ''} title={file.problem ? titleText(file.problem.message) : undefined}>
        {STATES[file.state]}
      </td>
      <td class="num" title={`changed ${localTime(file.modified * 1000)}`}>
        {ago(file.modified, now, 1)}
      </td>
      <td class="num" title={`${exact(file.position)} bytes`}>
        {bytes(file.position)}
      </td>
      <td class="num">
        {file.state === 'gone' || file.state === 'finished' ? '–' : bytes(Math.max(0, file.size - file.position))}
      </td>
      {books && file.id !== null ? (
        <Books accounting={books} stored={only('log.file.id', file.id)} />
      ) : (
        <td colSpan={4} />
      )}
    </tr>
  );
}

function Books({ accounting, stored }: { accounting: Accounting; stored: string }) {
  return (
    <>
      <td class="num">{exact(accounting.lines_read)}</td>
      <td class="num">
        <Link to={{ page: 'events', q: stored, range: { kind: 'all' } }} title="Show these events">
          {exact(accounting.events_stored)}
        </Link>
      </td>
      <td class={accounting.lines_quarantined > 0 ? 'num warn' : 'num'}>
        <Link to={{ page: 'overview', view: 'quarantine' }} title="Show the quarantined lines">
          {exact(accounting.lines_quarantined)}
        </Link>
      </td>
      <td class="num">{exact(accounting.in_flight)}</td>
    </>
  );
}
