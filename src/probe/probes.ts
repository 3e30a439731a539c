import { dns } from './dns/dns.ts';
import { http } from './http/http.ts';
import { icmp } from './icmp/icmp.ts';
import type { Probe } from './probe.ts';
import type { ProbeKind } from './sent-probe.ts';
import { tls } from './tls/tls.ts';
import { udp } from './udp/udp.ts';

/** Every kind of probe: the one list of this room. */
export const PROBES: Readonly<Record<ProbeKind, Probe>> = { icmp, udp, dns, http, tls };
