import { Child } from '../child.ts';
import type { Failure } from '../failure.ts';
import { TARGET } from '../network.ts';
import type { Stage } from '../stage.ts';

/** Of each such time Suricata runs only a small part: it has far too little CPU for what comes. Milliseconds. */
const CYCLE_MS = 1000;
const RUNS_MS = 150;
/** Microseconds between two packets of the flood: many times what the ring holds, in each cycle. */
const FLOOD_US = 50;

/** Floods the mirror port while Suricata hardly gets to run. */
class Overload {
  private readonly stage: Stage;
  private readonly flood: Child;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(stage: Stage) {
    this.stage = stage;
    const options = ['--udp', '--destport', '9999', '--interval', `u${FLOOD_US}`, '--data', '200', '--quiet'];
    this.flood = new Child([...stage.network.at('sender'), 'hping3', ...options, TARGET]);
    const cycle = (): void => {
      stage.sensor.signal('SIGSTOP');
      this.timers[1] = setTimeout(() => stage.sensor.signal('SIGCONT'), CYCLE_MS - RUNS_MS);
    };
    this.timers[0] = setInterval(cycle, CYCLE_MS);
  }

  async end(): Promise<void> {
    clearInterval(this.timers[0]);
    clearTimeout(this.timers[1]);
    this.stage.sensor.signal('SIGCONT');
    await this.flood.stop();
  }
}

let overload: Overload | null = null;

/** What goes wrong with Suricata itself. */
export const SURICATA: readonly Failure[] = [
  {
    name: 'Suricata stopped',
    hop: 'captured',
    causes: ['suricata_stopped'],
    make: ({ sensor }) => sensor.stop(),
    mend: ({ sensor }) => sensor.start(),
  },
  {
    name: 'Suricata killed',
    hop: 'captured',
    causes: ['suricata_stopped'],
    make: ({ sensor }) => sensor.stop('SIGKILL'),
    mend: ({ sensor }) => sensor.start(),
  },
  {
    name: 'Suricata does not answer any more (SIGSTOP)',
    hop: 'captured',
    causes: ['suricata_hung'],
    make: ({ sensor }) => sensor.signal('SIGSTOP'),
    mend: ({ sensor }) => sensor.signal('SIGCONT'),
  },
  {
    name: 'ring overflow (drops)',
    hop: 'captured',
    // Between two turns of running it does not answer either.
    causes: ['capture_drops', 'suricata_hung'],
    make: (stage) => {
      overload = new Overload(stage);
    },
    mend: () => overload?.end(),
  },
];
