import { type Host, OFFICE_SERVER, routerOf, SERVER } from '../household.ts';
import { addressBytes, addressText } from '../pcap/address.ts';
import { byTime } from '../pcap/file.ts';
import { type Packet, PROTOCOL } from '../pcap/frame.ts';
import { seeded } from '../pcap/random.ts';
import { readdress } from '../pcap/readdress.ts';
import { broken } from './broken.ts';
import { browsing } from './browsing.ts';
import { noise, scannersInStep, secureShell, slowScan, webServer } from './intruders.ts';
import { mail } from './letters.ts';
import { cameraStream, downloads, heartbeats, leases, polling, routine } from './machines.ts';
import { otherNames } from './names.ts';
import { clock, DAY, DAY_START, SECOND } from './rhythm.ts';
import { type Ingredients, zoo } from './zoo.ts';

/** The capture of real programs once more, with other addresses: against `target`, from the given sources. */
function retell(captured: readonly Packet[], start: number, target: Host, from4: string, from6: string): Packet[] {
  const router = routerOf(target);
  const full = (ip: string): string => addressText(addressBytes(ip));
  const ip = new Map([
    ['203.0.113.1', from4],
    ['192.168.40.1', router.ip4],
    ['192.168.40.11', target.ip4],
    [full('2001:db8:40:1::1'), from6],
    [full('2001:db8:40:1::b'), target.ip6!],
  ]);
  const mac = new Map([from4, from6, router.ip4].map((address) => [full(address), router.mac]));
  for (const address of [target.ip4, target.ip6!]) mac.set(full(address), target.mac);
  return captured
    .filter(({ frame }) => isPlainIp(frame))
    .map(({ time, frame }) => ({ time: start + time, frame: readdress(frame, { ip, mac }) }));
}

/** ARP and neighbour discovery carry link addresses in their bodies: they stay behind. */
function isPlainIp(frame: Buffer): boolean {
  const type = frame.readUInt16BE(12);
  return type === 0x0800 || (type === 0x86dd && frame[20] !== PROTOCOL.icmp6);
}

/** Every packet of the household's day, in order of time; the same seed and ingredients give the same bytes. */
export function wholeDay(seed: string, found: Ingredients): Packet[] {
  const random = seeded(seed);
  const packets = [
    ...heartbeats(random.fork('heartbeats')),
    ...polling(random.fork('polling')),
    ...leases(random.fork('leases')),
    ...routine(random.fork('routine')),
    ...cameraStream(random.fork('camera')),
    ...downloads(random.fork('downloads')),
    ...otherNames(random.fork('names')),
    ...browsing(random.fork('browsing'), found),
    ...mail(random.fork('mail')),
    ...secureShell(random.fork('ssh')),
    ...webServer(random.fork('web')),
    ...slowScan(random.fork('slow scan')),
    ...scannersInStep(random.fork('in step')),
    ...noise(random.fork('noise')),
    ...broken(random.fork('broken')),
    ...retell(found.captured, clock('12:02'), SERVER, '203.0.113.45', '2001:db8:cafe::45'),
    ...retell(found.captured, clock('17:35'), OFFICE_SERVER, '198.51.100.222', '2001:db8:cafe::222'),
    ...zoo(clock('09:10'), 47 * SECOND, random.fork('morning'), found),
    ...zoo(clock('14:20'), 53 * SECOND, random.fork('afternoon'), found),
  ];
  return byTime(packets.filter((packet) => packet.time >= DAY_START && packet.time < DAY_START + DAY));
}
