import { type Range, rangeFrom, rangeInto } from './range.ts';

export type PageName = 'overview' | 'events' | 'sensors';

const PAGES: readonly PageName[] = ['events', 'sensors'];

/** Everything that the page shows, as it stands in the address bar: a copied address shows a colleague the same thing. */
export interface Address {
  page: PageName;
  /** `quarantine` on the overview: the refused lines. On the sensors: the one that is unfolded. */
  view: string;
  /** Search expression; empty is everything. */
  q: string;
  range: Range;
  /** Chosen columns; null is the default. */
  columns: string[] | null;
  /** Id of the event that is open beside the list. */
  id: string | null;
  /** Of the open event; on the sensors: the heartbeat that is unfolded (`path/kind`). */
  tab: string;
  sort: 'newest' | 'oldest';
  /** New rows enter the list by themselves. */
  live: boolean;
  /** Charts that are shown as tables, by {@link chartName}. */
  tables: string[];
  /** In the quarantine: which lines are shown (null is all of them), and how many are passed over. */
  refused: { code: string; source: string } | null;
  offset: number;
}

/** A chart as it is named in an address. */
export function chartName(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60);
}

/** Nothing is asked for: somebody typed the page's name, or came by a bookmark of the page itself. */
export function isBare(url: URL): boolean {
  return url.search.length <= 1;
}

export function parseAddress(url: URL): Address {
  const params = url.searchParams;
  const columns = params.get('columns');
  const code = params.get('code');
  const offset = params.get('offset') ?? '';
  return {
    page: PAGES.find((page) => url.pathname.startsWith(`/${page}`)) ?? 'overview',
    view: params.get('view') ?? '',
    q: params.get('q') ?? '',
    range: rangeFrom(params),
    columns: columns === null || columns === '' ? null : columns.split(',').filter(Boolean).slice(0, 40),
    id: params.get('id'),
    tab: params.get('tab') ?? '',
    sort: params.get('sort') === 'oldest' ? 'oldest' : 'newest',
    live: params.get('live') === '1',
    tables: (params.get('tables') ?? '')
      .split(',')
      .filter((name) => name !== '' && name === chartName(name))
      .slice(0, 40),
    refused: code === null ? null : { code, source: params.get('source') ?? '' },
    offset: /^\d{1,9}$/.test(offset) ? Number(offset) : 0,
  };
}

export function formatAddress(to: Address): string {
  const params = new URLSearchParams();
  if (to.q !== '') params.set('q', to.q);
  rangeInto(params, to.range);
  if (to.page === 'events') {
    if (to.columns !== null) params.set('columns', to.columns.join(','));
    if (to.sort === 'oldest') params.set('sort', 'oldest');
    if (to.live) params.set('live', '1');
    if (to.id !== null) params.set('id', to.id);
    if (to.id !== null && to.tab !== '') params.set('tab', to.tab);
  } else {
    if (to.view !== '') params.set('view', to.view);
    if (to.page === 'sensors' && to.tab !== '') params.set('tab', to.tab);
  }
  if (to.page === 'overview' && to.view === 'quarantine') {
    if (to.refused !== null) params.set('code', to.refused.code);
    if (to.refused !== null) params.set('source', to.refused.source);
    if (to.offset > 0) params.set('offset', String(to.offset));
  }
  if (to.tables.length > 0) params.set('tables', to.tables.join(','));
  // A comma and a colon are plain in a query (RFC 3986 section 3.4): the address stays readable.
  return `/${to.page}?${params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':')}`;
}
