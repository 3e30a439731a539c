import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The rooms from left to right along the way of the data (docs/architecture.md). A room imports only from rooms to its left; `pipeline` and
 * `cli` stand at the right end and may import all.
 */
const ROOMS = [
  'base',
  'event',
  'telemetry',
  'config',
  'packet',
  'probe',
  'source',
  'parse',
  'search',
  'detect',
  'store',
  'notify',
  'view',
  'check',
  'host',
  'pipeline',
  'cli',
];
/** Rooms that stand aside: they share only base and event with the rest. */
const ALONE: Record<string, string[]> = {
  host: ['base'],
  config: ['base'],
  telemetry: ['base'],
  notify: ['base', 'event', 'telemetry', 'detect'],
  check: ['base'],
  packet: ['base', 'event', 'telemetry'],
};
/** What a room that stands aside may import besides. Plugins start in a tenth of a second: of the rest they know types and the token's reader. */
const BESIDES: readonly { from: string; to: RegExp; types: boolean }[] = [
  {
    from: 'check',
    to: /^src\/(?:view\/api|detect\/heartbeat\/report|packet\/tzsp\/report|probe\/sent-probe)\.ts$/,
    types: true,
  },
  { from: 'check', to: /^src\/(?:probe\/(?:token|key)|detect\/heartbeat\/fast-line)\.ts$/, types: false },
  // Nothing but the plugins' own tests: one made-up station for both rooms.
  { from: 'check', to: /^src\/view\/testing\/fake-status\.ts$/, types: false },
];
/** Types that cross: the API's shapes are named once and used by the pipeline and the browser's side. */
const WEB_MAY_IMPORT = [
  /^src\/view\/api\.ts$/,
  /^src\/search\//,
  /^src\/base\//,
  /^src\/event\//,
  /^src\/packet\/tzsp\/report\.ts$/,
  /^web\//,
];

interface Edge {
  from: string;
  to: string;
  typeOnly: boolean;
}

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name === 'fixtures' ? [] : files(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

function edges(folder: string): Edge[] {
  return files(folder).flatMap((from) => {
    const text = readFileSync(from, 'utf8');
    const found = text.matchAll(
      /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'(\.[^']+)'|import\('(\.[^']+)'\)/g,
    );
    return [...found].map((match) => ({
      from,
      to: normalize(join(dirname(from), (match[3] ?? match[4])!)),
      typeOnly: match[2] !== undefined,
    }));
  });
}

/** Of packages and of Node's own modules, not of types. */
const PACKAGE_IMPORT =
  /^(?:import|export)\s+(?!type\s)(?:[\w$*{},\s]*?\sfrom\s+)?'([^'.][^']*)'|\bimport\('([^'.][^']*)'\)/gm;

const roomOf = (path: string): string => path.split('/')[1] ?? '';
const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path);

describe('rooms', () => {
  const all = edges('src').filter((edge) => !isTest(edge.from));

  it('sees the imports at all', () => {
    expect(all.length).toBeGreaterThan(50);
  });

  it('every folder below src is a known room', () => {
    const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => entry.name).filter((name) => !ROOMS.includes(name))).toEqual([]);
  });

  it('import only to the left', () => {
    const wrong = all.filter(({ from, to, typeOnly }) => {
      const [left, right] = [roomOf(to), roomOf(from)];
      if (from === 'src/main.ts' || left === right) return false;
      if (BESIDES.some((more) => more.from === right && more.to.test(to) && (typeOnly || !more.types))) return false;
      const allowed = ALONE[right];
      if (allowed !== undefined) return !allowed.includes(left);
      return ROOMS.indexOf(left) === -1 || ROOMS.indexOf(left) > ROOMS.indexOf(right);
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('the browser side imports only what a browser can run', () => {
    const wrong = edges('web').filter(
      ({ to }) => !WEB_MAY_IMPORT.some((pattern) => pattern.test(to)) && !to.endsWith('.css'),
    );
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('have no import cycles', () => {
    const graph = new Map<string, string[]>();
    for (const { from, to, typeOnly } of all) if (!typeOnly) graph.set(from, [...(graph.get(from) ?? []), to]);
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, trail: string[]): void => {
      if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
      if (done.has(file) || trail.includes(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
      done.add(file);
    };
    for (const file of graph.keys()) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it('leave the store, the schema and every package out of a check, which must start in a tenth of a second', () => {
    const reached = new Set(['src/check/main.ts']);
    // Also what is imported on demand: a check must do with it too.
    for (const file of reached)
      for (const { from, to, typeOnly } of all) if (from === file && !typeOnly) reached.add(to);
    expect(reached.size).toBeGreaterThan(15);
    const packages = [...reached].flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(PACKAGE_IMPORT)]
        .map((match) => `${file}: ${match[1] ?? match[2]}`)
        .filter((found) => !found.includes(': node:')),
    );
    expect(packages).toEqual([]);
    expect([...reached].filter((file) => /^src\/(?:store|config|search|parse|pipeline|view)\//.test(file))).toEqual([]);
  });

  it('have no file above 400 lines', () => {
    const long = ['src', 'web', 'test', 'tools']
      .flatMap(files)
      .filter((file) => readFileSync(file, 'utf8').split('\n').length > 401);
    expect(long.map((file) => relative('.', file))).toEqual([]);
  });
});
