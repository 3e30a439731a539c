import { byTime } from '../pcap/file.ts';
import type { Packet } from '../pcap/frame.ts';
import { seeded } from '../pcap/random.ts';
import { broken } from './broken.ts';
import { browsing } from './browsing.ts';
import { noise, scannersInStep, secureShell, slowScan, webServer } from './intruders.ts';
import { mail } from './letters.ts';
import { cameraStream, downloads, heartbeats, leases, polling, routine } from './machines.ts';
import { otherNames } from './names.ts';
import { clock, DAY, DAY_START, SECOND } from './rhythm.ts';
import { type Ingredients, zoo } from './zoo.ts';

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
    ...zoo(clock('09:10'), 47 * SECOND, random.fork('morning'), found),
    ...zoo(clock('14:20'), 53 * SECOND, random.fork('afternoon'), found),
  ];
  return byTime(packets.filter((packet) => packet.time >= DAY_START && packet.time < DAY_START + DAY));
}
