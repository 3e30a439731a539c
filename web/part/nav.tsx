import { page } from '../state/address.ts';
import { Icon } from './icon.tsx';
import { Link } from './link.tsx';

export function Nav() {
  return (
    <nav class="nav" aria-label="Pages">
      <Link to={{ page: 'overview' }} current={page.value === 'overview'} title="Overview (g o)">
        <Icon name="overview" />
        <span>Overview</span>
      </Link>
      <Link to={{ page: 'events' }} current={page.value === 'events'} title="Events (g e)">
        <Icon name="events" />
        <span>Events</span>
      </Link>
      <Link to={{ page: 'sensors' }} current={page.value === 'sensors'} title="Sensors (g s)">
        <Icon name="sensors" />
        <span>Sensors</span>
      </Link>
    </nav>
  );
}
