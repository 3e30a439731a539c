import { statSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { VardeError, messageOf } from '../../base/errors.ts';
import { visibleText } from '../../base/text-safe.ts';
import { VERSION } from '../../base/version.ts';
import { sourceReports } from '../../pipeline/station-status.ts';
import { Books } from '../../pipeline/accounting.ts';
import { openStore } from '../../pipeline/open-store.ts';
import { storeProblems, verdict, type Problem } from '../../pipeline/verdict.ts';
import { lookAtFiles } from '../../source/file-tail/look.ts';
import type { SensorReport, SensorsAnswer, SourceReport, StationStatus, TzspReport } from '../../view/api.ts';
import type { StoreStatus } from '../../store/store.ts';
import { discover } from '../discover.ts';
import { duration, size } from '../progress-bar.ts';
import { sensorLines, sensorProblems } from '../doctor/sensors.ts';
import { tzspLines, tzspProblems, type TzspMachine } from '../doctor/tzsp.ts';
import { lookAtSetup, setupLines, type SetupLook } from '../doctor/tzsp-setup.ts';
import { resolveSettings, type CommonOptions, type Settings } from '../settings.ts';
import { getJson, stationAnswers } from '../station-client.ts';

interface Diagnosis {
  version: string;
  config: string | null;
  data: string;
  /** `running` is null where this user may not ask; `page` is its address, null where none is served. */
  station: { running: boolean | null; pid: number | null; page: string | null };
  lamp: StationStatus['lamp'];
  sources: SourceReport[];
  /** Null where no station runs: then nobody sends and sees. */
  sensors: SensorReport[] | null;
  /** The receiver of TZSP streams, where the station has one. */
  streams: TzspReport | null;
  /** The files that `varde tzsp setup` makes for this config; empty without `tzsp:` in it. */
  tzsp_setup: readonly SetupLook[];
  store: StoreStatus | null;
  problems: Problem[];
  ok: boolean;
}

/** `varde doctor`: exit 0 when all is well, 1 otherwise. */
export async function doctor(options: CommonOptions & { json?: boolean }): Promise<number> {
  const diagnosis = await diagnose(options);
  process.stdout.write(options.json === true ? `${JSON.stringify(diagnosis)}\n` : text(diagnosis));
  return diagnosis.ok ? 0 : 1;
}

async function diagnose(options: CommonOptions): Promise<Diagnosis> {
  let settings: Settings;
  try {
    settings = resolveSettings(options);
  } catch (error) {
    if (!(error instanceof VardeError)) throw error;
    const problem = { code: error.code, message: error.message, remedy: error.remedy };
    const lamp = { state: 'unknown' as const, reason: 'The config cannot be used.' };
    const station = { running: false, pid: null, page: null };
    return {
      version: VERSION,
      config: options.config ?? null,
      data: options.data ?? '',
      station,
      lamp,
      sources: [],
      sensors: null,
      streams: null,
      tzsp_setup: [],
      store: null,
      problems: [problem],
      ok: false,
    };
  }
  const { config, configPath } = settings;
  if (configPath === null) config.sources = discover().sources;
  const base = { version: VERSION, config: configPath, data: config.data };
  const machine = { config: config.tzsp, setup: config.tzsp ? lookAtSetup(config.tzsp, config.data) : [] };
  try {
    const runs = await stationAnswers(config.data);
    return { ...base, ...(runs ? await fromStation(config.data, machine) : await fromDisk(settings, machine, null)) };
  } catch (error) {
    // A station that may not be asked, or hangs, is a finding and not the end.
    if (!(error instanceof VardeError) || !['station_refused', 'station_unreachable'].includes(error.code)) throw error;
    return { ...base, ...(await fromDisk(settings, machine, error)) };
  }
}

/** A station that was started before an update tells less. */
type StatusOfAnyAge = Omit<StationStatus, 'config_restart' | 'page'> &
  Partial<Pick<StationStatus, 'config_restart' | 'page'>>;

const OLD_STATION: Problem = {
  code: 'station_old',
  message: 'The station that runs is older than this program: it tells nothing of sensors.',
  remedy: 'Restart it: systemctl restart varde.',
};

/** Null where the station was started before an update and knows no sensors. */
async function sensorsOf(data: string): Promise<SensorsAnswer | null> {
  try {
    return await getJson<SensorsAnswer>(data, '/api/sensors', { brief: '1' });
  } catch (error) {
    if (error instanceof VardeError && error.code === 'not_found') return null;
    throw error;
  }
}

async function fromStation(
  data: string,
  machine: TzspMachine,
): Promise<Omit<Diagnosis, 'version' | 'config' | 'data'>> {
  const status = await getJson<StatusOfAnyAge>(data, '/api/status');
  const answer = await sensorsOf(data);
  const problems = [
    ...(answer === null ? [OLD_STATION] : []),
    ...(await tzspProblems(answer, machine)),
    ...(answer === null ? [] : sensorProblems(answer.sensors)),
    ...status.sources.flatMap((source) => source.problems),
    ...storeProblems(status.store),
  ];
  if (status.config_error !== null) {
    problems.unshift({
      code: 'config_invalid',
      message: status.config_error,
      remedy: 'Mend the file and send SIGHUP; the old config stays in force.',
    });
  }
  if (status.reading.state === 'blind' || status.reading.state === 'late') {
    problems.push({
      code: `station_${status.reading.state}`,
      message: status.reading.reason,
      remedy: 'See the entries above; varde up logs what it meets.',
    });
  }
  const changed = status.config_restart ?? [];
  if (changed.length > 0) {
    problems.push({
      code: 'config_restart',
      message: `Changed in the config, but in force only after a restart: ${changed.join(', ')}.`,
      remedy: 'Restart it: systemctl restart varde.',
    });
  }
  const station = { running: true, pid: status.pid, page: status.page ?? null };
  return {
    station,
    lamp: status.lamp,
    sources: status.sources,
    sensors: answer?.sensors ?? null,
    streams: answer?.tzsp ?? null,
    tzsp_setup: machine.setup,
    store: status.store,
    problems,
    ok: problems.length === 0,
  };
}

/** Without a station, or with one that cannot be asked for this reason: what the disk tells. */
async function fromDisk(
  { config }: Settings,
  machine: TzspMachine,
  unasked: VardeError | null,
): Promise<Omit<Diagnosis, 'version' | 'config' | 'data'>> {
  const problems: Problem[] = [];
  const books = new Books();
  let store: StoreStatus | null = null;
  if (existsSync(config.data) && statSync(config.data).isDirectory()) {
    try {
      const open = await openStore(config, undefined, { read_only: true });
      books.reset(open.records().values());
      store = open.status();
      problems.push(...storeProblems(store));
      await open.close();
    } catch (error) {
      const known = error instanceof VardeError ? error : new VardeError('store_failed', messageOf(error));
      problems.push({ code: known.code, message: known.message, remedy: known.remedy });
    }
  }
  const looks = config.sources.map((source, index) =>
    lookAtFiles(`${source.type}:${index}`, source.parser, source.paths, books.records()),
  );
  const sources = sourceReports(books, looks);
  problems.push(...(await tzspProblems(null, machine)), ...sources.flatMap((source) => source.problems));
  const down = {
    code: 'station_down',
    message: `No station runs on ${config.data}; nothing is being followed.`,
    remedy: `Start it: varde up${existsSync(join(config.data)) ? '' : ' (it makes the data folder)'}.`,
  };
  problems.push(unasked === null ? down : { code: unasked.code, message: unasked.message, remedy: unasked.remedy });
  const words = unasked === null ? 'No station runs.' : 'Whether a station runs and is well is not known.';
  const lamp = store === null ? null : verdict(sources, store, null, Date.now());
  return {
    station: { running: unasked === null ? false : null, pid: null, page: null },
    lamp: { state: 'unknown', reason: lamp === null ? words : `${words} ${lamp.reason}` },
    sources,
    sensors: null,
    streams: null,
    tzsp_setup: machine.setup,
    store,
    problems,
    ok: false,
  };
}

function text(diagnosis: Diagnosis): string {
  const { store, station } = diagnosis;
  const lines = [
    `Varde ${diagnosis.version}: ${diagnosis.lamp.state}. ${diagnosis.lamp.reason}`,
    '',
    `Config   ${diagnosis.config ?? 'none (usual places)'}`,
    `Data     ${diagnosis.data}`,
    `Station  ${stationWords(station)}`,
  ];
  if (store !== null) {
    const { disk, segments, bytes } = store;
    lines.push(
      `Store    ${store.events} events, ${size(bytes.disk + bytes.fresh)} in ${segments.disk} segments on disk and ${segments.fresh} fresh ones` +
        (store.newest === null ? '' : `, newest ${ago(store.newest / 1000)}`),
      `Disk     ${size(disk.free)} of ${size(disk.total)} free`,
    );
  }
  lines.push(...tzspLines({ tzsp: diagnosis.streams, tzsp_problems: [], now: Date.now() }));
  lines.push(...setupLines(diagnosis.tzsp_setup));
  for (const source of diagnosis.sources) lines.push('', ...sourceLines(source));
  for (const sensor of diagnosis.sensors ?? []) lines.push('', ...sensorLines(sensor));
  lines.push('');
  if (diagnosis.problems.length === 0) lines.push('All is well.');
  for (const problem of diagnosis.problems)
    lines.push(`! ${visibleText(problem.message)} [${problem.code}]`, `  → ${problem.remedy}`);
  return `${lines.join('\n')}\n`;
}

function stationWords({ running, pid, page }: Diagnosis['station']): string {
  if (running === null) return 'could not be asked';
  return running ? `running, pid ${pid}${page === null ? '' : `, page ${page}`}` : 'not running';
}

function sourceLines(source: SourceReport): string[] {
  const { accounting } = source;
  const lines = [
    `Source ${source.id}${source.parser === '' ? '' : ` (${source.parser})`}${source.patterns.length > 0 ? `: ${source.patterns.map(visibleText).join(', ')}` : ''}`,
    `  read ${accounting.lines_read} = stored ${accounting.events_stored} + quarantined ${accounting.lines_quarantined} + in flight ${accounting.in_flight}` +
      (source.lag_bytes > 0 ? `; ${size(source.lag_bytes)} unread` : ''),
  ];
  const shown = source.files.slice(0, 20);
  for (const file of shown) {
    lines.push(
      `  ${file.state.padEnd(12)} ${visibleText(file.path)}  ${size(file.position)} of ${size(file.size)}, changed ${ago(file.modified)}`,
    );
  }
  if (source.files.length > shown.length) lines.push(`  … and ${source.files.length - shown.length} more files`);
  return lines;
}

function ago(ms: number): string {
  const seconds = (Date.now() - ms) / 1000;
  return seconds < 0 ? 'in the future' : `${duration(Math.max(1, seconds))} ago`;
}
