import type { Config, SourceConfig } from '../config/schema.ts';
import { createFileTail } from '../source/file-tail/file-tail.ts';
import type { Source, SourceContext } from '../source/source.ts';
import type { Store } from '../store/store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Ingest } from './ingest.ts';

/** What a source gets from the pipeline. */
export function sourceContext(id: string, parser: string, ingest: Ingest, store: Store): SourceContext {
  return {
    id,
    parser,
    known: () => ingest.books.records(),
    lineAt: (fileId, offset) => store.questions().lineAt(fileId, offset),
    committed: (fileId) => ingest.books.committedPosition(fileId),
    claims: ingest.claims,
    chunk: (chunk) => ingest.chunk(chunk),
    oversize: (line) => ingest.oversize(line),
    now: Date.now,
  };
}

/** The configured sources, not yet started. Ids are the type and the place in the list: `file_tail:0`. */
export function createSources(config: Config, ingest: Ingest, store: Store, telemetry: Telemetry): Source[] {
  return config.sources.map((source, index) => create(source, `${source.type}:${index}`, ingest, store, telemetry));
}

function create(source: SourceConfig, id: string, ingest: Ingest, store: Store, telemetry: Telemetry): Source {
  return createFileTail(
    {
      id,
      parser: source.parser,
      paths: source.paths,
      start: source.start,
      since_ms: source.since_secs === 0 ? null : Date.now() - source.since_secs * 1000,
      poll_interval_ms: source.poll_interval_ms,
      max_line_bytes: source.max_line_bytes,
      log: (event, fields) => telemetry.emitByName(event, { source: id, ...fields }),
    },
    sourceContext(id, source.parser, ingest, store),
  );
}
