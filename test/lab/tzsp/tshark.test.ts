import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { VardeError } from '../../../src/base/errors.ts';
import { readCapture } from '../../../src/packet/capture.ts';
import { type PacketLayer, walkPacket } from '../../../src/packet/packet.ts';
import { labObstacle } from '../packages.ts';

/** Real traffic that lies beside the tree; without it there is nothing to compare. */
const CAPTURE = '../shared/data/own/traffic.pcap';
const obstacle =
  labObstacle([{ name: 'tshark', command: 'tshark' }]) ?? (existsSync(CAPTURE) ? null : `missing: ${CAPTURE}`);

/** tshark's names of fields, and where ours stand: of the first layer of that name, since `occurrence=f` asks for the first. */
const FIELDS: readonly (readonly [
  name: string,
  layer: PacketLayer['layer'],
  value: (layer: never) => string | number | undefined,
])[] = [
  ['eth.src', 'ethernet', (it: { source: string }) => it.source],
  ['eth.dst', 'ethernet', (it: { destination: string }) => it.destination],
  ['ip.src', 'ipv4', (it: { source: string }) => it.source],
  ['ip.dst', 'ipv4', (it: { destination: string }) => it.destination],
  ['ip.len', 'ipv4', (it: { totalLength: number }) => it.totalLength],
  ['ip.ttl', 'ipv4', (it: { timeToLive: number }) => it.timeToLive],
  ['ip.proto', 'ipv4', (it: { protocol: number }) => it.protocol],
  ['ipv6.src', 'ipv6', (it: { source: string }) => it.source],
  ['ipv6.dst', 'ipv6', (it: { destination: string }) => it.destination],
  ['ipv6.hlim', 'ipv6', (it: { hopLimit: number }) => it.hopLimit],
  ['tcp.srcport', 'tcp', (it: { sourcePort: number }) => it.sourcePort],
  ['tcp.dstport', 'tcp', (it: { destinationPort: number }) => it.destinationPort],
  ['tcp.seq_raw', 'tcp', (it: { sequence: number }) => it.sequence],
  ['tcp.window_size_value', 'tcp', (it: { window: number }) => it.window],
  ['tcp.options.mss_val', 'tcp', (it: { options: { maximumSegmentSize?: number } }) => it.options.maximumSegmentSize],
  ['udp.srcport', 'udp', (it: { sourcePort: number }) => it.sourcePort],
  ['udp.dstport', 'udp', (it: { destinationPort: number }) => it.destinationPort],
  ['udp.length', 'udp', (it: { length: number }) => it.length],
  ['icmp.type', 'icmp', (it: { type: number }) => it.type],
  ['icmpv6.type', 'icmpv6', (it: { type: number }) => it.type],
  ['arp.opcode', 'arp', (it: { operation: number }) => it.operation],
  ['arp.src.proto_ipv4', 'arp', (it: { senderProtocol: string }) => it.senderProtocol],
];

/** tshark also reads the packet that an ICMP error quotes; here that is payload, so its ports are taken out of tshark's line. */
function withoutQuote(line: string): string {
  const cells = line.split('\t');
  if (cells[FIELDS.findIndex(([name]) => name === 'icmp.type')] === '') return line;
  return cells.map((cell, i) => (/^(?:tcp|udp)\./.test(FIELDS[i]![0]) ? '' : cell)).join('\t');
}

describe.skipIf(obstacle !== null)(`decoders beside tshark${obstacle === null ? '' : ` (${obstacle})`}`, () => {
  // The recording is damaged in its midst: tshark gives what stands before, and so must we.
  it('agree on each field of each packet of real traffic', async () => {
    const theirs = spawnSync(
      'tshark',
      ['-n', '-r', CAPTURE, '-T', 'fields', '-E', 'occurrence=f', ...FIELDS.flatMap(([name]) => ['-e', name])],
      { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'ignore'] },
    )
      .stdout.split('\n')
      .slice(0, -1);
    const ours: string[] = [];
    try {
      for await (const packet of readCapture(createReadStream(CAPTURE))) {
        const layers = walkPacket(packet.data, packet.linkType);
        const cells = FIELDS.map(([, name, value]) => {
          const layer = layers.find((it) => it.layer === name);
          return layer === undefined ? '' : String(value(layer as never) ?? '');
        });
        ours.push(cells.join('\t'));
      }
    } catch (error) {
      if (!(error instanceof VardeError) || error.code !== 'capture_damaged') throw error;
    }
    expect(ours.length).toBeGreaterThan(100);
    expect(ours).toEqual(theirs.map(withoutQuote));
  });
});
