/** What a lab run of Suricata should log and where; the rest of its configuration is the same everywhere. */
export interface SuricataConfig {
  /** Folder for eve.json, fast.log and suricata.log. */
  logs: string;
  major: 7 | 8;
  /** Folder with classification.config and reference.config. */
  etc: string;
  /** Interface for live capture. */
  interface?: string;
  /** Also log packets' payloads with alerts, netflow and frames: every event type there is. */
  everything?: boolean;
  /** Seconds between two stats records. */
  statsSeconds?: number;
}

/** Protocols whose events need no options of their own; `8` marks those that only Suricata 8 knows. */
const PLAIN_TYPES = [
  'rdp',
  'nfs',
  'smb',
  'tftp',
  'ike',
  'dcerpc',
  'krb5',
  'bittorrent-dht',
  'snmp',
  'rfb',
  'sip',
  'quic',
  'http2',
  'ssh',
  'ftp',
  'dnp3',
  'modbus',
];
const PLAIN_TYPES_8 = ['ldap', 'pop3', 'mdns', 'websocket', 'doh2'];

const PARSERS = [
  'rfb',
  'mqtt',
  'krb5',
  'bittorrent-dht',
  'snmp',
  'ike',
  'pgsql',
  'dcerpc',
  'ftp',
  'rdp',
  'http2',
  'smtp',
  'smb',
  'nfs',
  'tftp',
  'http',
  'ntp',
  'quic',
  'dhcp',
  'sip',
  'telnet',
  'enip',
];
const PARSERS_8 = ['websocket', 'mdns', 'doh2', 'pop3'];
/** Parsers that find their traffic by port. */
const PORTS: readonly (readonly [string, string])[] = [
  ['modbus', '502'],
  ['dnp3', '20000'],
];

function outputs(config: SuricataConfig): string {
  const eight = config.major === 8;
  const plain = [...PLAIN_TYPES, ...(eight ? PLAIN_TYPES_8 : [])].filter((type) => !(eight && type === 'modbus'));
  return `
  - fast:
      enabled: yes
      filename: fast.log
      append: yes
  - eve-log:
      enabled: yes
      filetype: regular
      filename: eve.json
      community-id: false
      ethernet: ${config.everything ? 'yes' : 'no'}
      types:
        - alert:
            payload: yes
            payload-buffer-size: 512
            payload-printable: yes
            packet: ${config.everything ? 'yes' : 'no'}
            http-body: ${config.everything ? 'yes' : 'no'}
            http-body-printable: no
            metadata:
              app-layer: true
              flow: true
              rule:
                metadata: true
                raw: false
                reference: true
            tagged-packets: yes
            verdict: ${config.everything ? 'yes' : 'no'}
        - anomaly:
            enabled: yes
            types: { decode: yes, stream: ${config.everything ? 'yes' : 'no'}, applayer: yes }
        - http: { extended: yes${config.everything ? ', dump-all-headers: both' : ''} }
        - dns: { enabled: yes, requests: yes, responses: yes }
        - tls: { extended: yes, session-resumption: yes, ja4: on }
        - files: { force-magic: no, force-hash: [md5, sha1, sha256] }
        - drop: { alerts: yes, flows: all, verdict: yes }
        - smtp: { extended: yes, md5: [body, subject] }
        - dhcp: { enabled: yes, extended: yes }
        - mqtt: { passwords: yes }
        - pgsql: { enabled: yes, passwords: yes }
${eight ? '        - arp: { enabled: yes }\n' : ''}${plain.map((type) => `        - ${type}`).join('\n')}
        - flow
        - stats: { totals: yes, threads: no, deltas: no }
${config.everything ? '        - netflow\n        - frame: { enabled: yes }' : ''}`;
}

/** A whole suricata.yaml: our own, and only what differs from the built-in defaults. */
export function suricataYaml(config: SuricataConfig): string {
  const names = [...PARSERS, ...(config.major === 8 ? PARSERS_8 : [])];
  const capture =
    config.interface === undefined
      ? ''
      : `af-packet:\n  - interface: ${config.interface}\n    cluster-id: 99\n    cluster-type: cluster_flow\n    defrag: yes\n`;
  return `%YAML 1.1
---
vars:
  address-groups:
    HOME_NET: "[192.168.40.0/24,10.20.30.0/24,2001:db8:40::/48]"
    EXTERNAL_NET: "!$HOME_NET"
    SERVERS: "[192.168.40.10,192.168.40.11,10.20.30.5]"
  port-groups:
    WEB_PORTS: "[80,8080]"
default-log-dir: ${config.logs}
classification-file: ${config.etc}/classification.config
reference-config-file: ${config.etc}/reference.config
stats: { enabled: yes, interval: ${config.statsSeconds ?? 2} }
logging:
  default-log-level: notice
  outputs:
    - console: { enabled: yes }
    - file: { enabled: yes, level: info, filename: suricata.log }
unix-command: { enabled: no }
outputs:${outputs(config)}
${capture}app-layer:
  protocols:
    tls: { enabled: yes, ja3-fingerprints: yes, ja4-fingerprints: yes, detection-ports: { dp: "443,8443,853" }, encryption-handling: track-only }
    ssh: { enabled: yes, hassh: yes }
    imap: { enabled: detection-only }
    dns: { tcp: { enabled: yes, detection-ports: { dp: 53 } }, udp: { enabled: yes, detection-ports: { dp: 53 } } }
${config.major === 8 ? '    ldap: { tcp: { enabled: yes, detection-ports: { dp: 389 } }, udp: { enabled: yes, detection-ports: { dp: 389 } } }\n' : ''}${PORTS.map(([name, port]) => `    ${name}: { enabled: yes, detection-ports: { dp: ${port} } }`).join('\n')}
${names.map((name) => `    ${name}: { enabled: yes }`).join('\n')}
vlan: { use-for-tracking: true }
decoder:
  teredo: { enabled: true, ports: 3544 }
  vxlan: { enabled: true, ports: 4789 }
  geneve: { enabled: true, ports: 6081 }
defrag: { timeout: 60 }
flow:
  memcap: 128mb
  hash-size: 65536
  prealloc: 1000
flow-timeouts:
  default: { new: 30, established: 300, closed: 0, bypassed: 100 }
  tcp: { new: 60, established: 600, closed: 10 }
  udp: { new: 30, established: 120 }
  icmp: { new: 30, established: 60 }
stream: { memcap: 64mb, checksum-validation: yes, inline: no, reassembly: { memcap: 256mb, depth: 1mb } }
host: { hash-size: 4096, prealloc: 1000, memcap: 32mb }
detect: { profile: medium }
`;
}
