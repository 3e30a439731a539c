import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VardeError } from '../../../src/base/errors.ts';
import { readCapture } from '../../../src/packet/capture.ts';
import { LINK_TYPE } from '../../../src/packet/link-types.ts';
import { type PacketLayer, walkPacket } from '../../../src/packet/packet.ts';
import { globalHeader, RECORD_HEADER_BYTES, recordHeader } from '../../../src/packet/pcap/write.ts';
import { labObstacle } from '../packages.ts';
import { madeFrames } from './made-frames.ts';

/** Real traffic that lies beside the tree; without it there is nothing to compare. */
const CAPTURE = '../shared/data/own/traffic.pcap';
const obstacle = labObstacle([{ name: 'tshark', command: 'tshark' }]);
const noCapture = obstacle ?? (existsSync(CAPTURE) ? null : `missing: ${CAPTURE}`);

/** tshark's names of fields, and where ours stand: of the first layer of that name, since `occurrence=f` asks for the first. */
const FIELDS: readonly (readonly [
  name: string,
  layer: PacketLayer['layer'],
  value: (layer: never) => string | number | undefined,
])[] = [
  ['eth.src', 'ethernet', (it: { source: string }) => it.source],
  ['eth.dst', 'ethernet', (it: { destination: string }) => it.destination],
  ['vlan.id', 'vlan', (it: { id: number }) => it.id],
  ['vlan.priority', 'vlan', (it: { priority: number }) => it.priority],
  ['vlan.dei', 'vlan', (it: { dropEligible: number }) => it.dropEligible],
  ['llc.dsap', 'llc', (it: { dsap: number }) => it.dsap],
  ['llc.ssap', 'llc', (it: { ssap: number }) => it.ssap],
  ['llc.control', 'llc', (it: { control: number }) => it.control],
  ['ip.dsfield.dscp', 'ipv4', (it: { dscp: number }) => it.dscp],
  ['ip.dsfield.ecn', 'ipv4', (it: { ecn: number }) => it.ecn],
  ['ip.id', 'ipv4', (it: { identification: number }) => it.identification],
  ['ip.flags.df', 'ipv4', (it: { dontFragment: boolean }) => Number(it.dontFragment)],
  ['ip.flags.mf', 'ipv4', (it: { moreFragments: boolean }) => Number(it.moreFragments)],
  ['ip.frag_offset', 'ipv4', (it: { fragmentOffset: number }) => it.fragmentOffset / 8],
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
  ['tcp.ack_raw', 'tcp', (it: { acknowledgment: number }) => it.acknowledgment],
  ['tcp.flags', 'tcp', (it: { flags: number }) => it.flags],
  ['tcp.window_size_value', 'tcp', (it: { window: number }) => it.window],
  ['tcp.options.mss_val', 'tcp', (it: { options: { maximumSegmentSize?: number } }) => it.options.maximumSegmentSize],
  ['udp.srcport', 'udp', (it: { sourcePort: number }) => it.sourcePort],
  ['udp.dstport', 'udp', (it: { destinationPort: number }) => it.destinationPort],
  ['udp.length', 'udp', (it: { length: number }) => it.length],
  ['icmp.type', 'icmp', (it: { type: number }) => it.type],
  ['icmp.code', 'icmp', (it: { code: number }) => it.code],
  ['icmpv6.type', 'icmpv6', (it: { type: number }) => it.type],
  ['icmpv6.code', 'icmpv6', (it: { code: number }) => it.code],
  ['arp.opcode', 'arp', (it: { operation: number }) => it.operation],
  ['arp.src.proto_ipv4', 'arp', (it: { senderProtocol: string }) => it.senderProtocol],
];

/** tshark also reads the packet that an ICMP error quotes; here that is payload, so its ports are taken out of tshark's line. */
function withoutQuote(line: string): string {
  const cells = line.split('\t');
  if (cells[FIELDS.findIndex(([name]) => name === 'icmp.type')] === '') return line;
  return cells.map((cell, i) => (/^(?:tcp|udp)\./.test(FIELDS[i]![0]) ? '' : cell)).join('\t');
}

/** Fields of the first layer of a kind; each fragment by itself, as our decoders see it. */
const SHOWN = ['-n', '-o', 'ip.defragment:FALSE', '-T', 'fields', '-E', 'occurrence=f'];

/** What tshark says of each packet, a line each, all numbers in tens. */
function tshark(file: string): string[] {
  return spawnSync('tshark', [...SHOWN, '-r', file, ...FIELDS.flatMap(([name]) => ['-e', name])], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .stdout.split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/\b0x[0-9a-f]+\b/g, (hex) => String(Number(hex))));
}

function ours(data: Buffer, linkType: number): string {
  const layers = walkPacket(data, linkType);
  return FIELDS.map(([, name, value]) => {
    // A provider's tag (802.1ad) is another protocol to tshark: its vlan is the inner one.
    const layer = name === 'vlan' ? layers.findLast((it) => it.layer === name) : layers.find((it) => it.layer === name);
    return layer === undefined ? '' : String(value(layer as never) ?? '');
  }).join('\t');
}

describe(`decoders beside tshark${obstacle === null ? '' : ` (${obstacle})`}`, () => {
  // The recording is damaged in its midst: tshark gives what stands before, and so must we.
  it.skipIf(noCapture !== null)('agree on each field of each packet of real traffic', async () => {
    const lines: string[] = [];
    try {
      for await (const packet of readCapture(createReadStream(CAPTURE))) lines.push(ours(packet.data, packet.linkType));
    } catch (error) {
      if (!(error instanceof VardeError) || error.code !== 'capture_damaged') throw error;
    }
    expect(lines.length).toBeGreaterThan(100);
    expect(lines).toEqual(tshark(CAPTURE).map(withoutQuote));
  });

  it.skipIf(obstacle !== null)('agree on each field of frames of every make', () => {
    const frames = madeFrames(2000);
    const folder = mkdtempSync(join(tmpdir(), 'varde-tshark-'));
    try {
      const file = join(folder, 'made.pcap');
      const records = frames.map((frame) => {
        const head = Buffer.alloc(RECORD_HEADER_BYTES);
        recordHeader(head, 0, 1, 0, frame.length, frame.length);
        return Buffer.concat([head, frame]);
      });
      writeFileSync(file, Buffer.concat([globalHeader(LINK_TYPE.ETHERNET, false), ...records]));
      expect(frames.map((frame) => ours(frame, LINK_TYPE.ETHERNET))).toEqual(tshark(file));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
