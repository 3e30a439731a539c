import type { JsonObject } from '../../../event/json.ts';
import { formatInstant, parseInstant } from '../../../event/time.ts';
import type { Mapping } from '../mapping.ts';
import { object, sum64, text, uint64 } from '../values.ts';
import { sourceIsServer } from './endpoints.ts';
import type { Kind } from './kind.ts';

/** Bytes and packets by side of the event. */
export interface Counters {
  sourceBytes: number | bigint | null;
  sourcePackets: number | bigint | null;
  destinationBytes: number | bigint | null;
  destinationPackets: number | bigint | null;
}

/**
 * The counters of an event, or null where it has none. Flow counters are told by server and client; on an alert about the server's answer the
 * event's source IS the server, so they are swapped (Filebeat does not, and then tells the client's bytes as the server's). A netflow event
 * counts one direction.
 */
export function countersOf(eve: JsonObject, kind: Kind): Counters | null {
  const flow = eve.flow === undefined ? null : object(eve.flow);
  if (flow !== null) {
    const toServerBytes = uint64(flow.bytes_toserver);
    const toServerPackets = uint64(flow.pkts_toserver);
    const toClientBytes = uint64(flow.bytes_toclient);
    const toClientPackets = uint64(flow.pkts_toclient);
    return sourceIsServer(eve, kind) === true
      ? {
          sourceBytes: toClientBytes,
          sourcePackets: toClientPackets,
          destinationBytes: toServerBytes,
          destinationPackets: toServerPackets,
        }
      : {
          sourceBytes: toServerBytes,
          sourcePackets: toServerPackets,
          destinationBytes: toClientBytes,
          destinationPackets: toClientPackets,
        };
  }
  const netflow = eve.netflow === undefined ? null : object(eve.netflow);
  if (netflow === null) return null;
  return {
    sourceBytes: uint64(netflow.bytes),
    sourcePackets: uint64(netflow.pkts),
    destinationBytes: null,
    destinationPackets: null,
  };
}

/** A total is only told where something was counted. */
export function totalOf(a: number | bigint | null, b: number | bigint | null): number | bigint | null {
  const total = sum64(a, b);
  return total === 0 ? null : total;
}

/** What flow.state adds to event.type. */
export function flowType(eve: JsonObject): string | null {
  const state = text(object(eve.flow)?.state);
  if (state === 'new') return 'start';
  return state === 'closed' ? 'end' : null;
}

/** source/destination/network bytes and packets, event.start, event.end, event.duration and event.reason. */
export function mapFlow(mapping: Mapping, kind: Kind): void {
  const { eve } = mapping;
  const counters = countersOf(eve, kind);
  if (counters !== null) {
    mapping.set('source.bytes', counters.sourceBytes);
    mapping.set('source.packets', counters.sourcePackets);
    mapping.set('destination.bytes', counters.destinationBytes);
    mapping.set('destination.packets', counters.destinationPackets);
    mapping.set('network.bytes', totalOf(counters.sourceBytes, counters.destinationBytes));
    mapping.set('network.packets', totalOf(counters.sourcePackets, counters.destinationPackets));
  }
  const flow = object(eve.flow);
  if (flow !== null) {
    for (const key of ['bytes_toserver', 'pkts_toserver', 'bytes_toclient', 'pkts_toclient']) {
      if (uint64(flow[key]) !== null) mapping.moved('flow', key);
    }
    times(mapping, flow, 'flow');
    mapping.set('event.reason', text(flow.reason));
  }
  const netflow = object(eve.netflow);
  if (netflow !== null && flow === null) times(mapping, netflow, null);
  mapping.set('event.reason', text(object(eve.drop)?.reason));
}

function times(mapping: Mapping, flow: JsonObject, moveFrom: string | null): void {
  const start = parseInstant(text(flow.start) ?? '');
  const end = parseInstant(text(flow.end) ?? '');
  for (const [key, value] of [
    ['start', start],
    ['end', end],
  ] as const) {
    if (Number.isNaN(value)) continue;
    mapping.set(`event.${key}`, formatInstant(value));
    if (moveFrom !== null) mapping.moved(moveFrom, key);
  }
  if (start <= end) {
    // Nanoseconds; 2^53 of them are 104 days.
    const duration = (end - start) * 1000;
    mapping.set('event.duration', Number.isSafeInteger(duration) ? duration : BigInt(end - start) * 1000n);
  }
}
