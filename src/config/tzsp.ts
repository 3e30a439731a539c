import { isIP } from 'node:net';
import { z } from 'zod';
import { PRIVATE_NETWORKS } from '../base/private-networks.ts';
import { doubledOutput, hasTimeInFolder } from '../base/tzsp-outputs.ts';
import { interfaceName, secs } from './pieces.ts';

const listen = z.string().refine(isListenAddress, 'must be ADDRESS:PORT, such as 0.0.0.0:37008 or [::]:37008');
const network = z.string().refine(isNetwork, 'must be an address or a network such as 192.168.88.0/24');

const routers = () =>
  z
    .array(network)
    .min(1)
    .max(1000)
    .optional()
    .meta({
      description: 'Only the streams of these routers (addresses or networks). Absent: all.',
      example: ['192.168.88.1'],
    });

const inject = z
  .strictObject({
    type: z.literal('inject').meta({ description: 'Frames go into a network interface, where Suricata sees them.' }),
    interface: interfaceName.meta({
      description: 'The interface; `varde tzsp setup` makes one of this name with a fitting MTU and without addresses.',
      example: 'dummy0',
    }),
    routers: routers(),
  })
  .meta({ description: 'Into an interface.' });

const files = <const T extends 'pcap' | 'pcapng'>(type: T, description: string) =>
  z
    .strictObject({
      type: z.literal(type).meta({ description }),
      file: z
        .string()
        .regex(/^\/[^\u0000]*[^/\u0000]$/, 'must be the absolute path of a file')
        .refine((file) => !hasTimeInFolder(file), 'must have times such as %Y in its name only, not in its folders')
        .meta({
          description:
            'Where it is written. `%Y %m %d %H %M %S` in the name, not in its folder, become the time, in UTC; without them the start time is added before the ending.',
          example: `/var/lib/varde/tzsp/%Y-%m-%d_%H%M%S.${type}`,
        }),
      rotate_secs: secs('A new file is begun after this time. 0: not by time.').default(3600),
      rotate_bytes: z
        .int()
        .min(0)
        .default(1_000_000_000)
        .meta({ description: 'A new file is begun at this size. 0: not by size.' }),
      keep_files: z.int().min(0).max(1_000_000).default(0).meta({
        description:
          'The oldest files of this output above this number are deleted, but none that is being written. 0: all are kept.',
      }),
      compress: z
        .enum(['none', 'gzip'])
        .default('none')
        .meta({ description: 'What is done to a file after rotation, or after the next start.' }),
      min_free_bytes: z.int().min(0).default(1_000_000_000).meta({
        description: 'While the disk has less room than this, nothing is written, and what is lost is counted.',
      }),
      routers: routers(),
    })
    .meta({ description: `Into files, as ${type}.` });

const stream = z
  .strictObject({
    type: z.literal('stream').meta({ description: 'Frames go into a FIFO, whose reader may come and go.' }),
    path: z
      .string()
      .regex(/^\/[^\u0000]*[^/\u0000]$/, 'must be the absolute path of a FIFO')
      .meta({ description: 'The FIFO (mkfifo).', example: '/run/varde/tzsp.fifo' }),
    format: z
      .enum(['pcap', 'pcapng'])
      .default('pcap')
      .meta({ description: 'What is written into it. pcap is of Ethernet: other frames are left out and counted.' }),
    routers: routers(),
  })
  .meta({ description: 'Into a FIFO.' });

export const tzsp = z
  .strictObject({
    listen: z
      .array(listen)
      .min(1)
      .max(16)
      .refine((list) => new Set(list).size === list.length, 'names an address twice')
      .default(['0.0.0.0:37008'])
      .meta({ description: 'Addresses and UDP ports to listen on. For IPv6 add `[::]:37008`.' }),
    routers: z
      .array(network)
      .min(1)
      .max(1000)
      .default([...PRIVATE_NETWORKS])
      .meta({
        description:
          'Routers that are believed: addresses or networks. What others send is counted and dropped, for whoever may send here writes into the sensor. Default: private and local networks.',
      }),
    receive_buffer_bytes: z
      .int()
      .min(65_536)
      .max(1_073_741_824)
      .default(32 * 1024 * 1024)
      .meta({ description: 'Receive buffer of each socket. It holds what comes in bursts.' }),
    drop_duplicates_ms: z.int().min(0).max(10_000).default(0).meta({
      description:
        'A frame that comes again within this time is dropped: the same packet seen on two ports of a bridge of one router. 0 keeps all. Any other value turns the kernel path off.',
    }),
    kernel_path: z.enum(['auto', 'off']).default('auto').meta({
      description:
        'Let the kernel itself pass frames on (eBPF, Linux 6.6 and later) where that is safe, by interfaces with an MTU of 1600 or more.',
    }),
    outputs: z
      .array(
        z.discriminatedUnion('type', [
          inject,
          files('pcap', 'Frames go into pcap files.'),
          files('pcapng', 'Frames go into pcapng files.'),
          stream,
        ]),
      )
      .max(64)
      .superRefine((outputs, context) => {
        const doubled = doubledOutput(outputs);
        if (doubled === null) return;
        const { place, target } = doubled;
        const key = outputs[place]?.type === 'inject' ? 'interface' : 'path';
        const message = `${target} is named by an output before, so that its frames would come twice: give each its own, or each interface its own routers`;
        context.addIssue({ code: 'custom', path: [place, key], message });
      })
      .default([])
      .meta({ description: 'Where frames go. Empty: they are only counted.' }),
  })
  .optional()
  .meta({ description: 'Receives the TZSP streams of MikroTik routers. Absent: it does not.' });

/** What `tzsp:` of a config says, where it is there. */
export type TzspConfig = NonNullable<z.infer<typeof tzsp>>;

/** `192.0.2.1:37008`, `[2001:db8::1]:37008`: brackets as in RFC 3986 section 3.2.2; no names and no zones. */
function isListenAddress(text: string): boolean {
  const match = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([0-9.]{7,15})):([1-9][0-9]{0,4})$/.exec(text);
  if (match === null || Number(match[3]) > 65_535) return false;
  return match[1] === undefined ? isIP(match[2]!) === 4 : isIP(match[1]) === 6;
}

/** An address, or a network in CIDR form (RFC 4632, RFC 4291 section 2.3); no zones. */
function isNetwork(text: string): boolean {
  const match = /^([0-9A-Fa-f:.]{2,45})(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(text);
  if (match === null) return false;
  const version = isIP(match[1]!);
  return version !== 0 && Number(match[2] ?? 0) <= (version === 4 ? 32 : 128);
}
