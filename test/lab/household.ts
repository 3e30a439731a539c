import type { Endpoint } from './pcap/frame.ts';

/** A machine of the household or the office, as the sensor on the router's mirror port sees it. */
export interface Host {
  name: string;
  mac: string;
  ip4: string;
  /** Absent on machines that speak IPv4 only. */
  ip6?: string;
  kind: Kind;
  /** What the machine calls itself in DHCP; not every one does. */
  dhcpName?: string;
}

export type Kind =
  | 'router'
  | 'server'
  | 'computer'
  | 'phone'
  | 'tablet'
  | 'television'
  | 'appliance'
  | 'printer'
  | 'voip'
  | 'console'
  | 'camera';

function mac(network: number, last: number): string {
  // Second-lowest bit of the first byte set: locally administered, so nobody's real device.
  return `02:4c:${network.toString(16).padStart(2, '0')}:00:00:${last.toString(16).padStart(2, '0')}`;
}

function home(last: number, name: string, kind: Kind, v6 = true): Host {
  const ip6 = v6 ? { ip6: `2001:db8:40:1::${last.toString(16)}` } : {};
  return { name, kind, mac: mac(0x40, last), ip4: `192.168.40.${last}`, ...ip6, dhcpName: name };
}

function office(last: number, name: string, kind: Kind, v6 = true): Host {
  const ip6 = v6 ? { ip6: `2001:db8:40:2::${last.toString(16)}` } : {};
  return { name, kind, mac: mac(0x20, last), ip4: `10.20.30.${last}`, ...ip6, dhcpName: name };
}

export const ROUTER = home(1, 'router', 'router');
export const OFFICE_ROUTER = office(1, 'office-router', 'router');
export const NAS = home(10, 'nas', 'server');
/** The server that the router forwards web, mail and SSH to. */
export const SERVER = home(11, 'server', 'server');
export const SENSOR = home(12, 'sensor', 'server');
export const OFFICE_SERVER = office(5, 'office-server', 'server');

export const PEOPLE: readonly Host[] = [
  home(21, 'laptop-anna', 'computer'),
  home(22, 'laptop-björn', 'computer'),
  home(23, 'desktop-study', 'computer'),
  home(24, 'phone-anna', 'phone'),
  home(25, 'phone-bjorn', 'phone'),
  home(26, 'phone-cleo', 'phone'),
  home(27, 'tablet-cleo', 'tablet'),
  home(28, 'tablet-kitchen', 'tablet'),
  home(29, 'tv-livingroom', 'television'),
  home(30, 'console-cleo', 'console', false),
  home(31, 'guest-phone-1', 'phone'),
  home(32, 'guest-phone-2', 'phone'),
];

export const OFFICE_PEOPLE: readonly Host[] = [
  ...[21, 22, 23, 24, 25, 26, 27, 28].map((last, index) => office(last, `desk-0${index + 1}`, 'computer')),
  office(31, 'laptop-sales', 'computer'),
  office(32, 'laptop-boss', 'computer'),
  office(33, 'phone-boss', 'phone'),
  office(34, 'phone-sales', 'phone'),
  office(35, 'meeting-tv', 'television', false),
];

export const THINGS: readonly Host[] = [
  home(40, 'printer', 'printer', false),
  home(41, 'thermostat', 'appliance', false),
  home(42, 'camera-door', 'camera', false),
  home(43, 'camera-garden', 'camera', false),
  home(44, 'solar-inverter', 'appliance', false),
  home(45, 'car-charger', 'appliance', false),
  home(46, 'vacuum', 'appliance', false),
  home(47, 'speaker-kitchen', 'appliance'),
  home(48, 'speaker-bath', 'appliance'),
  home(49, 'lamp-bridge', 'appliance', false),
  home(50, 'washing-machine', 'appliance', false),
];

export const OFFICE_THINGS: readonly Host[] = [
  office(40, 'office-printer', 'printer', false),
  office(41, 'label-printer', 'printer', false),
  ...[51, 52, 53, 54].map((last, index) => office(last, `voip-0${index + 1}`, 'voip', false)),
  office(60, 'time-clock', 'appliance', false),
  office(61, 'door-lock', 'appliance', false),
];

export const ALL_HOSTS: readonly Host[] = [
  ROUTER,
  OFFICE_ROUTER,
  NAS,
  SERVER,
  SENSOR,
  OFFICE_SERVER,
  ...PEOPLE,
  ...OFFICE_PEOPLE,
  ...THINGS,
  ...OFFICE_THINGS,
];

/** The machine that somebody else has control over: it polls a server once a minute. */
export const POLLER = PEOPLE[2]!;

export function routerOf(host: Host): Host {
  return host.ip4.startsWith('10.') ? OFFICE_ROUTER : ROUTER;
}

/** A host's end of a conversation; `v6` asks for its IPv6 address, which it must have. */
export function at(host: Host, port = 0, v6 = false): Endpoint {
  return { mac: host.mac, ip: v6 ? (host.ip6 ?? host.ip4) : host.ip4, port };
}

/** Somebody on the Internet, seen behind the router's link address. */
export function outside(ip: string, port = 0, near: Host = ROUTER): Endpoint {
  return { mac: routerOf(near).mac, ip, port };
}
