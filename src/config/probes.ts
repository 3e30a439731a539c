import { z } from 'zod';
import { interfaceName, port, shortName } from './pieces.ts';

/** The ways a heartbeat can be sent; as `PROBE_KINDS` of src/probe/sent-probe.ts (a test holds both together). */
const kind = z.enum(['icmp', 'udp', 'dns', 'http', 'tls']);

/** A host name, or an address of version 4 or 6 (with a zone). What a name resolves to is not known here. */
const TARGET = /^[A-Za-z0-9](?:[A-Za-z0-9:._%-]{0,251}[A-Za-z0-9])?$|^::[A-Fa-f0-9:.]{0,39}$/;

const path = z
  .strictObject({
    name: shortName('Name of this way through the network; it stands in each probe, in rules and in reports.', 'lan'),
    sensor: shortName('Sensor that should see it (`sensors[].name`).').default('sensor'),
    target: z.string().regex(TARGET, 'must be a host name or an address').meta({
      description:
        'Where the probes go: an address or name whose traffic passes the sensor. It need not answer, but something must have its address.',
      example: '192.0.2.10',
    }),
    kinds: z
      .array(kind)
      .min(1)
      .refine((kinds) => new Set(kinds).size === kinds.length, 'names a kind twice')
      .default(['icmp'])
      .meta({ description: 'Ways to send it. Each is judged by itself: one that fails alone tells what is wrong.' }),
    interval_secs: z
      .int()
      .min(1)
      .max(86_400)
      .default(60)
      .meta({ description: 'Time between two probes of each kind.' }),
    jitter_percent: z.int().min(0).max(50).default(10).meta({
      description: 'Each pause is changed by chance by up to this part, so that probes meet nothing in step.',
    }),
    interface: interfaceName
      .optional()
      .meta({ description: 'Interface that probes leave by (SO_BINDTODEVICE). Absent: as routed.', example: 'eth1' }),
    vlan: z
      .int()
      .min(1)
      .max(4094)
      .optional()
      .meta({ description: 'VLAN: probes leave by the interface of this tag on `interface`.', example: 20 }),
    udp_port: port('Port of UDP probes.').default(9),
    dns_port: port('Port of DNS probes.').default(53),
    http_port: port('Port of HTTP probes.').default(80),
    tls_port: port('Port of TLS probes.').default(443),
    send: z.enum(['station', 'elsewhere']).default('station').meta({
      description:
        'Who sends it: the station itself, or `varde probe`. Only one that runs on this machine with the same data folder tells the station what it sends; of one on another machine the station knows what arrives.',
    }),
  })
  .meta({ description: 'One way through the network on which heartbeats are sent.' });

/** What may stand for an address group in a rule: nothing that could end its head. */
export const HOME_NET = /^[\w$![\],.:/ -]{1,500}$/;

export const probes = z
  .strictObject({
    key_file: z.string().min(1).optional().meta({
      description:
        'Key that signs the probes, made at first use (mode 600). Senders elsewhere need a copy. Default: `probe.key` in the data folder.',
      example: '/etc/varde/probe.key',
    }),
    sid_base: z
      .int()
      .min(1)
      .max(4_294_900_000)
      .default(5_100_001)
      .meta({ description: 'First number of the rules that `varde probe rules` writes: one for each path and kind.' }),
    home_net: z
      .string()
      .regex(HOME_NET, 'must be an address group of a rule, such as any or $HOME_NET')
      .default('any')
      .meta({ description: 'Destination in those rules. `any` sees probes whatever HOME_NET is set to.' }),
    paths: z.array(path).max(1000).default([]).meta({ description: 'Where heartbeats are sent.' }),
  })
  .prefault({})
  .meta({ description: 'Heartbeats: probes that are sent through the network and must come out of the log.' });
