import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { StationReporter } from '../../src/cli/station-reporter.ts';
import { PROBE_KINDS } from '../../src/probe/sent-probe.ts';
import { loadLibc } from '../../src/probe/socket/libc.ts';
import { readToken } from '../../src/probe/token.ts';
import { type Fleet, INTERVAL_SECS, PORTS, probeOf, STATS_PER_SENSOR_MS, targetOf } from './fleet.ts';

const TICK_MS = 10;

/** Everything around the station of a fleet; none of its own work is measured. */
export interface Driver {
  stop(): Promise<void>;
}

/** Calls `act` with 0, 1, 2 …, `perSecond` times a second, evenly. */
function evenly(perSecond: number, act: (i: number) => void): () => void {
  const began = performance.now();
  let done = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - began) / 1000) * perSecond;
    for (; done < due; done++) act(done);
  }, TICK_MS);
  return () => clearInterval(timer);
}

/** Every sensor writes its stats each eight seconds. */
function writeStats(fleet: Fleet, isSeen: () => boolean = () => true): () => void {
  const { length } = fleet.names;
  return evenly((length * 1000) / STATS_PER_SENSOR_MS, (i) => {
    if (isSeen()) fleet.writeStats(i % length, (Math.floor(i / length) + 1) * (STATS_PER_SENSOR_MS / 1000));
  });
}

/**
 * Probes that are sent elsewhere: each is reported, its line is written, and its answer is reported. Nothing is really sent.
 *
 * @param next number of the first probe of each chain
 * @param reported whether the station is told
 * @param isSeen whether the sensors see them
 */
export function sentElsewhere(
  fleet: Fleet,
  next: number,
  reported: boolean,
  isSeen: () => boolean = () => true,
): Driver {
  const reporter = new StationReporter(fleet.files.data, () => undefined);
  const chains = fleet.names.flatMap((path, index) => PROBE_KINDS.map((kind) => ({ path, index, kind })));
  const stopStats = writeStats(fleet, isSeen);
  const stopProbes = evenly(chains.length / INTERVAL_SECS, (i) => {
    // One kind after the other of all sensors, so that a sensor's probes do not come at once.
    const { path, index, kind } =
      chains[((i % fleet.names.length) * 5 + Math.floor(i / fleet.names.length)) % chains.length]!;
    const probe = probeOf(path, index, kind, next + Math.floor(i / chains.length), Date.now());
    if (reported) reporter.add(probe);
    if (isSeen()) fleet.write(path, probe);
    if (reported) setTimeout(() => reporter.add({ ...probe, answered_ms: 0.7 }), 5);
  });
  return {
    async stop() {
      stopProbes();
      stopStats();
      await reporter.close();
    },
  };
}

const IPPROTO_ICMP = 1;
const SOCK_RAW = 3;
const AF_INET = 2;

/**
 * Targets of probes that the station really sends: they answer, and each probe that reaches them is written as Suricata would.
 *
 * @throws SystemError where raw sockets are not allowed
 */
export async function targets(fleet: Fleet): Promise<Driver> {
  const seen = (text: string, port: number | null): void => {
    const token = readToken(fleet.key, text);
    const path = token === null ? null : fleet.pathOf(token.pathTag);
    if (token === null || path === null) return;
    const probe = probeOf(path, fleet.names.indexOf(path), token.kind, token.seq, token.sent);
    fleet.write(path, { ...probe, source_port: port });
  };
  // Each at the address that it answers from: a socket that is bound to none answers from another one, which nobody takes for the target.
  const sockets = await Promise.all(
    fleet.names.flatMap((_, i) => [
      datagrams(targetOf(i), PORTS.udp, (bytes, port) => {
        seen(bytes.toString('latin1'), port);
        return bytes;
      }),
      datagrams(targetOf(i), PORTS.dns, (bytes, port) => {
        seen(bytes.toString('latin1', 13).replace('\u0008', '.'), port);
        bytes[2]! |= 0x80;
        return bytes;
      }),
    ]),
  );
  const servers = [await streams(PORTS.http, seen), await streams(PORTS.tls, seen)];
  const stopEchoes = await echoes((text) => seen(text, null));
  const stopStats = writeStats(fleet);
  return {
    async stop() {
      stopStats();
      stopEchoes();
      for (const socket of sockets) socket.close();
      await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    },
  };
}

function datagrams(address: string, port: number, answer: (bytes: Buffer, port: number) => Buffer): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => socket.send(answer(bytes, from.port), from.port, from.address));
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, () => resolve(socket));
  });
}

function streams(port: number, seen: (text: string, port: number | null) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => {
      seen(bytes.toString('latin1'), socket.remotePort ?? null);
      socket.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n');
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '0.0.0.0', () => resolve(server));
  });
}

/** The kernel answers echo requests; a raw socket is shown them too. */
async function echoes(seen: (text: string) => void): Promise<() => void> {
  const libc = await loadLibc();
  const fd = libc.socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  const timer = setInterval(() => {
    for (let message = libc.receive(fd, 'data'); message !== null; message = libc.receive(fd, 'data')) {
      const header = ((message.bytes[0] ?? 0) & 15) * 4;
      if (message.bytes[header] === 8) seen(message.bytes.toString('latin1', header + 8));
    }
  }, TICK_MS);
  return () => {
    clearInterval(timer);
    libc.close(fd);
  };
}
