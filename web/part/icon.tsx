/** Line icons on a 16 by 16 grid, drawn in the colour of the text beside them. Decoration only: a word always stands with them. */
const PATHS = {
  overview: 'M2 13.5h12M3.5 11V7.5M6.5 11V3M9.5 11V6M12.5 11V4.5',
  events: 'M2 3.5h2M6 3.5h8M2 8h2M6 8h8M2 12.5h2M6 12.5h8',
  sensors: 'M8 14V8.5M5 14h6M6.3 8.5a2.4 2.4 0 1 1 3.4 0M4.2 10.2a5 5 0 1 1 7.6 0',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5 14 14',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.5V8l2.5 1.5',
  auto: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 2v12M8 4.5l4.5 3M8 8l5.5 2',
  light:
    'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1',
  dark: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z',
  close: 'M4 4l8 8M12 4l-8 8',
  down: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  back: 'M7 3.5 2.5 8 7 12.5M2.5 8h11',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3.5v9l7-4.5z',
  columns: 'M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10',
  download: 'M8 2.5v7M5 7l3 3 3-3M3 13h10',
  copy: 'M5.5 5.5h8v8h-8zM3 10.5h-.5v-8h8V3',
  plus: 'M8 3.5v9M3.5 8h9',
  minus: 'M3.5 8h9',
  out: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5 14 14M5 7h4',
  table: 'M2.5 3h11v10h-11zM2.5 6.5h11M2.5 9.8h11M6.5 3v10',
  chart: 'M2 13.5h12M4 11V8M8 11V3M12 11V5.5',
  again: 'M13 8a5 5 0 1 1-1.5-3.5M13 2v3h-3',
  help: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.3 6.3a1.7 1.7 0 1 1 2.4 1.6c-.5.200-.7.600-.7 1.1M8 11h.01',
  warn: 'M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 11.8h.01',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
