import type { Parser } from './parser.ts';
import { suricataEve } from './suricata-eve/suricata-eve.ts';
import { suricataFast } from './suricata-fast/suricata-fast.ts';

/** Every log format that Varde reads, by id: the one list of this room. */
export const PARSERS: ReadonlyMap<string, Parser> = new Map(
  [suricataEve, suricataFast].map((parser) => [parser.id, parser]),
);

/** The parser that made a stored row, by its dataset. */
export const PARSER_BY_DATASET: ReadonlyMap<string, Parser> = new Map(
  [...PARSERS.values()].map((parser) => [parser.dataset, parser]),
);
