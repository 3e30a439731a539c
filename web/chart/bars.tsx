import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import 'uplot/dist/uPlot.min.css';
import type { TimelineAnswer } from '../../src/view/api.ts';
import { type Address, go, range } from '../state/address.ts';
import { nowMicros } from '../state/live.ts';
import { widened } from '../state/range.ts';
import { binWords, exact, localTime, plural, short } from '../part/format.ts';
import { Icon } from '../part/icon.tsx';
import { Link } from '../part/link.tsx';
import { shownText } from '../part/text.ts';
import { BinTable } from './bin-table.tsx';
import { drawn } from './plot.ts';
import type { Series } from './series.ts';
import { useTable } from './use-table.ts';

interface BarsProps {
  title: string;
  /** What is counted: "event", "alert". */
  unit: string;
  answer: TimelineAnswer;
  series: Series[];
  height: number;
  /** Where the events behind a series are; absent where no events are. */
  toSeries?(series: Series): Partial<Address>;
  /** Without a title line: for a strip above a list. */
  bare?: boolean;
}

/** Bars over time, stacked from zero. Dragging (or Shift and the arrow keys, then Enter) chooses the range of the whole page. */
export function Bars({ title, unit, answer, series, height, toSeries, bare = false }: BarsProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<ReturnType<typeof drawn> | null>(null);
  const [bin, setBin] = useState<number | null>(null);
  const [mark, setMark] = useState<number | null>(null);
  const [asTable, toggleTable] = useTable(title);
  const zoomTo = (first: number, last: number): void => {
    const from = Math.round(answer.from + first * answer.bin);
    go({ range: { kind: 'span', from, to: Math.round(answer.from + (last + 1) * answer.bin) } });
  };
  const latest = useRef({ zoomTo, setBin });
  latest.current = { zoomTo, setBin };

  useEffect(() => {
    if (asTable) return;
    const made = drawn(box.current!, height, {
      hover: (index) => latest.current.setBin(index),
      choose: (first, last) => latest.current.zoomTo(first, last),
    });
    plot.current = made;
    return () => {
      plot.current = null;
      made.end();
    };
  }, [asTable, height]);
  useEffect(() => plot.current?.show(answer, series), [answer, series, asTable, height]);
  useEffect(() => plot.current?.point(bin, mark), [bin, mark]);

  const key = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -answer.bins, End: answer.bins }[
      event.key
    ];
    if (step !== undefined) {
      const at = Math.max(0, Math.min(answer.bins - 1, bin === null ? (step > 0 ? 0 : answer.bins - 1) : bin + step));
      setMark(event.shiftKey ? (mark ?? bin ?? at) : null);
      setBin(at);
    } else if (event.key === 'Enter' && bin !== null) zoomTo(Math.min(bin, mark ?? bin), Math.max(bin, mark ?? bin));
    else if (event.key === '-') go({ range: widened(range.peek(), nowMicros()) });
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const total = series.reduce((all, { total }) => all + total, 0);
  const at = bin !== null && bin < answer.bins ? bin : null;
  const first = at === null ? 0 : Math.min(at, mark ?? at);
  const last = at === null ? 0 : Math.max(at, mark ?? at);
  const inBins = (counts: number[]): number => counts.slice(first, last + 1).reduce((all, count) => all + count, 0);
  const when =
    at === null
      ? `per ${binWords(answer.bin)}`
      : `${localTime(answer.from + first * answer.bin)} – ${localTime(answer.from + (last + 1) * answer.bin).slice(11)}`;
  return (
    <section class={bare ? 'chart bare' : 'chart'} aria-label={title}>
      <header>
        {!bare && <h2>{title}</h2>}
        <span class="muted when" aria-live="polite">
          {when}
        </span>
        {series.length > 1 && (
          <ul class="legend" aria-label={`${title}: totals`}>
            {series.map((one) => (
              <li key={one.label}>
                <Named series={one} unit={unit} to={toSeries?.(one)}>
                  <i style={{ background: `var(${one.colour})` }} />
                  {shownText(one.label, 24)} <b>{exact(at === null ? one.total : inBins(one.counts))}</b>
                </Named>
              </li>
            ))}
          </ul>
        )}
        {at !== null && series.length === 1 && <b class="num">{plural(inBins(series[0]!.counts), unit)}</b>}
        <span class="chart-buttons">
          <button
            class="plain"
            title="Zoom out"
            aria-label={`${title}: zoom out`}
            disabled={range.value.kind === 'all'}
            onClick={() => go({ range: widened(range.peek(), nowMicros()) })}
          >
            <Icon name="out" />
          </button>
          <button
            class="plain"
            aria-pressed={asTable}
            title={asTable ? 'Show as chart' : 'Show as table'}
            aria-label={`${title}: ${asTable ? 'show as chart' : 'show as table'}`}
            onClick={toggleTable}
          >
            <Icon name={asTable ? 'chart' : 'table'} />
          </button>
        </span>
      </header>
      {asTable ? (
        <BinTable title={title} answer={answer} series={series} height={height} onChoose={zoomTo} />
      ) : (
        <div
          ref={box}
          class="plot"
          style={{ height: `${height}px` }}
          tabIndex={0}
          role="application"
          aria-roledescription="bar chart"
          aria-label={`${title}: ${plural(total, unit)}, at most ${short(highest(series, answer.bins))} per ${binWords(answer.bin)}. Arrow keys read the bars, Shift and arrow keys choose, Enter zooms in, minus zooms out.`}
          onKeyDown={key}
          onBlur={() => {
            setBin(null);
            setMark(null);
          }}
        />
      )}
    </section>
  );
}

interface NamedProps {
  series: Series;
  unit: string;
  to: Partial<Address> | undefined;
  children: ComponentChildren;
}

function Named({ series, unit, to, children }: NamedProps) {
  const title = `${shownText(series.label, 80)}: ${plural(series.total, unit)} in this range`;
  return to === undefined ? (
    <span title={title}>{children}</span>
  ) : (
    <Link to={to} title={title}>
      {children}
    </Link>
  );
}

function highest(series: Series[], bins: number): number {
  let most = 0;
  for (let i = 0; i < bins; i++)
    most = Math.max(
      most,
      series.reduce((all, { counts }) => all + (counts[i] ?? 0), 0),
    );
  return most;
}
