import { useState } from 'preact/hooks';
import type { JsonObject, JsonValue } from '../../../src/event/json.ts';
import { exact, plural } from '../../part/format.ts';
import { Icon } from '../../part/icon.tsx';
import { shownText } from '../../part/text.ts';
import { copyText } from '../../part/copy.ts';
import { canFilter, filterBy } from '../../part/value-menu.tsx';
import { ValueButton } from '../../part/value.tsx';

/** Deep and wide documents come from hostile lines: both are opened step by step. */
const FIRST_ENTRIES = 200;
const OPEN_DEPTH = 6;
const LONG = 300;
const LONGEST = 65_536;
const SHORT_LIST = 12;

type Entry = [key: string, value: JsonValue];
type Scalar = string | number | boolean | null;

/** The ECS document as a tree: what belongs together stands together, each value with its menu. */
export function Tree({ document }: { document: JsonValue }) {
  return (
    <div class="tree">
      <Branch entries={entriesOf(document).map(withoutOriginal)} path="" depth={0} />
    </div>
  );
}

/** 64-bit integers come as { "$int": "…" }, because a JSON number of a browser cannot hold them. */
function bigInteger(value: JsonValue): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const keys = Object.keys(value);
  const text = keys.length === 1 && keys[0] === '$int' ? value['$int'] : null;
  return typeof text === 'string' && /^-?\d{1,400}$/.test(text) ? text : null;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && bigInteger(value) === null;
}

/** A chain of objects with one entry each is one entry with a dotted name. */
function joined([name, value]: Entry): Entry {
  let [path, at] = [name, value];
  for (let depth = 0; depth < 20 && isObject(at); depth++) {
    const inner = Object.keys(at);
    if (inner.length !== 1) break;
    path += `.${inner[0]!}`;
    at = at[inner[0]!]!;
  }
  return [path, at];
}

function entriesOf(value: JsonValue): Entry[] {
  if (typeof value !== 'object' || value === null) return [];
  return Array.isArray(value) ? Object.entries(value) : Object.entries(value).map(joined);
}

/** The line itself has a view of its own. */
function withoutOriginal([name, value]: Entry): Entry {
  if (name !== 'event' || !isObject(value) || !Object.hasOwn(value, 'original')) return [name, value];
  return [name, Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'original')) as JsonObject];
}

function Branch({
  entries,
  path,
  depth,
  list = false,
}: {
  entries: Entry[];
  path: string;
  depth: number;
  list?: boolean;
}) {
  const [shown, setShown] = useState(FIRST_ENTRIES);
  return (
    <>
      {entries.slice(0, shown).map(([key, value]) => (
        <Node
          key={key}
          name={key}
          value={value}
          path={list ? path : path === '' ? key : `${path}.${key}`}
          depth={depth}
        />
      ))}
      {entries.length > shown && (
        <button class="more" onClick={() => setShown(shown * 5)}>
          {plural(entries.length - shown, 'more entry', 'more entries')}
        </button>
      )}
    </>
  );
}

function Node({ name, value, path, depth }: { name: string; value: JsonValue; path: string; depth: number }) {
  const integer = bigInteger(value);
  const isBranch = integer === null && typeof value === 'object' && value !== null;
  const [open, setOpen] = useState(depth < OPEN_DEPTH);
  if (!isBranch) return <Leaf name={name} value={integer ?? (value as Scalar)} path={path} />;
  const entries = entriesOf(value);
  const list = Array.isArray(value);
  const scalars = list && value.every((one) => typeof one !== 'object' || one === null);
  if (scalars && value.length === 1) return <Leaf name={name} value={value[0] as Scalar} path={path} />;
  // A few short values need no line each.
  if (scalars && value.length <= SHORT_LIST && value.every((one) => String(one).length < 60))
    return <ShortList name={name} values={value as Scalar[]} path={path} />;
  return (
    <div class="branch">
      <button class="key" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? 'down' : 'right'} />
        <bdi>{shownText(name, 120)}</bdi>
        <span class="muted">{list ? `[${entries.length}]` : entries.length === 0 ? '{}' : ''}</span>
      </button>
      {open && (
        <div class="inner" style={{ '--depth': String(depth + 1) }}>
          <Branch entries={entries} path={path} depth={depth + 1} list={list} />
        </div>
      )}
    </div>
  );
}

function ShortList({ name, values, path }: { name: string; values: Scalar[]; path: string }) {
  return (
    <div class="leaf">
      <span class="key" title={shownText(path, 300)}>
        <bdi>{shownText(name, 120)}</bdi>
      </span>
      <span class="val list">
        {values.map((value, n) => (
          <ValueButton key={n} field={path} value={value} text={value === '' ? '""' : shownText(value, LONG)} />
        ))}
      </span>
    </div>
  );
}

function Leaf({ name, value, path }: { name: string; value: Scalar; path: string }) {
  const [whole, setWhole] = useState(false);
  const long = typeof value === 'string' && value.length > LONG;
  const here = { field: path, value };
  return (
    <div class="leaf">
      <span class="key" title={shownText(path, 300)}>
        <bdi>{shownText(name, 120)}</bdi>
      </span>
      <span class={`val ${typeof value}`}>
        <ValueButton
          field={path}
          value={value}
          text={value === null ? 'null' : value === '' ? '""' : shownText(value, whole ? LONGEST : LONG)}
        />
        {long && (
          <button class="plain" onClick={() => setWhole(!whole)}>
            {whole ? 'less' : plural(value.length, 'character')}
          </button>
        )}
        {long && whole && value.length > LONGEST && (
          <span class="muted">
            {' '}
            the first {exact(LONGEST)} of {plural(value.length, 'character')}; Copy takes all of them
          </span>
        )}
      </span>
      <span class="acts">
        <button
          class="plain"
          disabled={!canFilter(here)}
          title="Filter by this value (f)"
          aria-label={`Filter by ${shownText(path, 80)}`}
          onClick={() => filterBy(here, false)}
        >
          <Icon name="plus" />
        </button>
        <button
          class="plain"
          disabled={!canFilter(here)}
          title="Exclude this value (Shift+F)"
          aria-label={`Exclude ${shownText(path, 80)}`}
          onClick={() => filterBy(here, true)}
        >
          <Icon name="minus" />
        </button>
        <button
          class="plain"
          title="Copy"
          aria-label={`Copy ${shownText(path, 80)}`}
          onClick={() => void copyText(String(value), 'Value')}
        >
          <Icon name="copy" />
        </button>
      </span>
    </div>
  );
}
