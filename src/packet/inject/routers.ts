import type { TzspSettings } from '../tzsp/settings.ts';
import type { TzspReport } from '../tzsp/report.ts';
import { namedRouters } from './named-routers.ts';
import { Networks } from './networks.ts';
import type { Output } from './outputs/output.ts';
import { Router } from './router.ts';
import type { SenderView } from './senders.ts';

/** Routers beyond this that nobody named share an entry: memory stays bounded whoever sends. */
const MAX_ROUTERS = 256;
/** A sender without any frame so far is forgotten when it has been silent for this long. */
const FORGET_MS = 600_000;
const MAX_REFUSED = 16;

/** Who sends, who is believed, and where the frames of each go. */
export class Routers {
  private readonly believed: Networks;
  private readonly routes: { networks: Networks | null; output: Output }[];
  /** They have entries of their own, whoever else sends. */
  private readonly named: ReadonlySet<string>;
  private namedMet = 0;
  private forgotten = 0;
  private settled = false;
  private readonly byV4 = new Map<number, Router>();
  private readonly byV6 = new Map<string, Router>();
  private readonly refused = new Map<string, { datagrams: number; lastSeen: number }>();
  private refusedDatagrams = 0;
  /** By where their frames go. */
  private readonly rest = new Map<string, Router>();
  // Streams come in runs: the last sender is mostly the next.
  private last: Router | null = null;
  private lastV4 = -1;

  constructor(settings: Pick<TzspSettings, 'routers'>, routes: { routers: string[] | undefined; output: Output }[]) {
    this.believed = new Networks(settings.routers);
    this.named = namedRouters([...settings.routers, ...routes.flatMap(({ routers }) => routers ?? [])]);
    this.routes = routes.map(({ routers, output }) => ({
      networks: routers === undefined ? null : new Networks(routers),
      output,
    }));
  }

  /** The router behind a datagram; null, and counted, for one that is not believed. */
  of(sender: SenderView, now: number): Router | null {
    if (sender.family === 4) {
      if (sender.v4 === this.lastV4) return this.last;
      const router = this.byV4.get(sender.v4) ?? this.meet(sender, now);
      if (router !== null) {
        this.lastV4 = sender.v4;
        this.last = router;
      }
      return router;
    }
    if (sender.family === 0) return this.refuse('unknown', now);
    return this.byV6.get(sender.words.join(' ')) ?? this.meet(sender, now);
  }

  /** The router of an address, as the kernel path reports it. */
  ofAddress(address: string, sender: SenderView, now: number): Router | null {
    for (const router of this.all()) if (router.address === address) return router;
    return this.meet(sender, now);
  }

  /** @param now milliseconds since the epoch */
  report(now = Date.now()): Pick<TzspReport, 'routers' | 'refused' | 'forgotten'> {
    this.forget(({ lastSeen }) => now - lastSeen > FORGET_MS);
    const senders = [...this.refused].map(([address, { datagrams, lastSeen }]) => ({ address, datagrams, lastSeen }));
    return {
      routers: [...this.all()].map((it) => ({ ...it.report(), outputs: this.placesOf(it) })),
      refused: { datagrams: this.refusedDatagrams, senders: senders.sort((a, b) => b.lastSeen - a.lastSeen) },
      forgotten: this.forgotten,
    };
  }

  *all(): Iterable<Router> {
    yield* this.byV4.values();
    yield* this.byV6.values();
    yield* this.rest.values();
  }

  private meet(sender: SenderView, now: number): Router | null {
    const v4 = sender.family === 4;
    if (!(v4 ? this.believed.hasV4(sender.v4) : this.believed.hasV6(sender.words)))
      return this.refuse(sender.text(), now);
    const outputs = this.routes
      .filter(({ networks }) => networks === null || (v4 ? networks.hasV4(sender.v4) : networks.hasV6(sender.words)))
      .map((it) => it.output);
    const address = sender.text();
    if (this.named.has(address)) this.namedMet++;
    // A made-up sender must not keep a router out: the one known for longest without a frame makes room.
    else if (!this.hasRoom()) return this.other(outputs, now);
    const router = new Router(address, outputs, now);
    if (v4) this.byV4.set(sender.v4, router);
    else this.byV6.set(sender.words.join(' '), router);
    return router;
  }

  private hasRoom(): boolean {
    if (this.byV4.size + this.byV6.size - this.namedMet < MAX_ROUTERS) return true;
    // Once each of them has sent frames it stays so: nobody need look again, whatever comes.
    if (!this.settled) this.settled = !this.forget(() => true, 1);
    return !this.settled;
  }

  /** Forgets senders of which no frame ever came, those met first before others. @returns whether there was one */
  private forget(which: (router: Router) => boolean, most = Number.POSITIVE_INFINITY): boolean {
    let count = 0;
    for (const known of [this.byV4, this.byV6] as Map<unknown, Router>[])
      for (const [key, router] of known) {
        if (count >= most) return true;
        if (router.frames > 0 || this.named.has(router.address) || !which(router)) continue;
        known.delete(key);
        router.forgotten = true;
        if (router === this.last) this.lastV4 = -1;
        this.forgotten++;
        count++;
      }
    return count > 0;
  }

  private placesOf({ outputs }: Router): number[] {
    return this.routes.flatMap(({ output }, place) => (outputs.includes(output) ? [place] : []));
  }

  /** One entry for all whose frames go the same way; there are as many as the config has ways. */
  private other(outputs: readonly Output[], now: number): Router {
    const way = this.routes.map(({ output }) => (outputs.includes(output) ? '1' : '0')).join('');
    let router = this.rest.get(way);
    if (router === undefined) {
      router = new Router(this.rest.size === 0 ? 'others' : `others ${this.rest.size + 1}`, outputs, now);
      this.rest.set(way, router);
    }
    return router;
  }

  private refuse(address: string, now: number): null {
    this.refusedDatagrams++;
    const known = this.refused.get(address) ?? { datagrams: 0, lastSeen: now };
    known.datagrams++;
    known.lastSeen = now;
    // Put at the end: the map stays in the order of the last datagram, and the oldest goes.
    this.refused.delete(address);
    this.refused.set(address, known);
    if (this.refused.size > MAX_REFUSED) this.refused.delete(this.refused.keys().next().value!);
    return null;
  }
}
