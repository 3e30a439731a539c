import './style/tokens.css';
import './style/base.css';
import './style/frame.css';
import './style/floating.css';
import './style/chart.css';
import './style/overview.css';
import './style/events.css';
import './style/event-detail.css';
import './style/sensors.css';
import './style/sensor-chain.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app.tsx';
import { address } from './state/address.ts';
import { lamp, refreshStation } from './state/live.ts';
import { startLoading } from './state/pages.ts';

startLoading();
render(<App />, document.getElementById('app')!);

// The lamp must not wait for the event stream; where no station answers, the stream's own outage says so.
void refreshStation().catch(() => undefined);

// Among many tabs the title tells where one is, and whether something is wrong.
effect(() => {
  const { page, q, view } = address.value;
  const where =
    view === 'quarantine'
      ? 'Quarantine'
      : page === 'events'
        ? `Events${q === '' ? '' : `: ${q.slice(0, 60)}`}`
        : page === 'sensors'
          ? 'Sensors'
          : 'Overview';
  const { state } = lamp.value;
  document.title = `${state === 'late' || state === 'blind' ? `${state.toUpperCase()} · ` : ''}${where} · Varde`;
});
