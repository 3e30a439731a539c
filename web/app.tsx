import { Help } from './part/help.tsx';
import { helpOpen, useKeys } from './part/keys.ts';
import { Nav } from './part/nav.tsx';
import { toast } from './part/copy.ts';
import { TopLine } from './part/top-line.tsx';
import { Events } from './page/events/events.tsx';
import { Overview } from './page/overview/overview.tsx';
import { page } from './state/address.ts';

export function App() {
  useKeys({ '?': () => (helpOpen.value = true) });
  return (
    <div class="frame">
      <Nav />
      <TopLine />
      {page.value === 'events' ? <Events /> : <Overview />}
      <Help />
      <div class="toast" role="status" aria-live="polite">
        {toast.value !== null && <span>{toast.value}</span>}
      </div>
    </div>
  );
}
