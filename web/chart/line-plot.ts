import { effect } from '@preact/signals';
import uPlot from 'uplot';
import { colours, tokenColour } from '../state/theme.ts';
import { timeLabels } from './ticks.ts';

/** Values over time. Times are microseconds since the epoch, rising; a missing value is null. */
export interface LineAnswer {
  from: number;
  to: number;
  times: number[];
  series: { label: string; colour: string; values: (number | null)[] }[];
}

interface LineEvents {
  /** Index of the point that is nearest to the pointer, null outside. */
  hover(index: number | null): void;
  /** What was dragged over, microseconds since the epoch. */
  choose(from: number, to: number): void;
}

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

/** Lines over time in a box, kept up with its width and with the colours. Where a value is missing there is a gap, never a line through it. */
export function drawnLines(box: HTMLElement, height: number, label: (value: number) => string, events: LineEvents) {
  let plot: uPlot | null = null;
  let now: LineAnswer | null = null;
  let pointing = false;

  const make = (): void => {
    plot?.destroy();
    plot = null;
    box.replaceChildren();
    if (now === null) return;
    const range = (): [number, number] => [now!.from / 1e6, now!.to / 1e6];
    plot = new uPlot(
      options(box.clientWidth, height, now, range, label, { ...events, pointing: () => pointing }),
      data(now),
      box,
    );
    plot.over.addEventListener('pointerenter', () => (pointing = true));
    plot.over.addEventListener('pointerleave', () => {
      pointing = false;
      events.hover(null);
    });
  };
  let drawnColours = colours.peek();
  const stopColours = effect(() => {
    if (colours.value === drawnColours) return;
    drawnColours = colours.value;
    // The style of the new theme holds from the next frame on.
    requestAnimationFrame(make);
  });
  const watch = new ResizeObserver(() => {
    if (plot && box.clientWidth > 0 && plot.width !== box.clientWidth) plot.setSize({ width: box.clientWidth, height });
  });
  watch.observe(box);

  return {
    show(answer: LineAnswer): void {
      const same = now !== null && names(now) === names(answer);
      now = answer;
      if (plot && same) plot.setData(data(answer));
      else make();
    },
    /** Shows the keyboard's place. */
    point(index: number | null): void {
      if (!plot || !now || pointing) return;
      const left = index === null ? -10 : plot.valToPos(now.times[index]! / 1e6, 'x');
      plot.setCursor({ left, top: 0 }, false);
    },
    end(): void {
      stopColours();
      watch.disconnect();
      plot?.destroy();
      plot = null;
      now = null;
    },
  };
}

function names({ series }: LineAnswer): string {
  return JSON.stringify(series.map(({ label, colour }) => [label, colour]));
}

function data({ times, series }: LineAnswer): uPlot.AlignedData {
  return [times.map((time) => time / 1e6), ...series.map(({ values }) => values)];
}

function options(
  width: number,
  height: number,
  { series }: LineAnswer,
  range: () => [number, number],
  label: (value: number) => string,
  events: LineEvents & { pointing(): boolean },
): uPlot.Options {
  const [muted, grid] = [tokenColour('--muted'), tokenColour('--grid')];
  const axis = { stroke: muted, font: FONT, ticks: { show: false }, grid: { stroke: grid, width: 1 } };
  return {
    width,
    height,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, setScale: false, dist: 5 }, bind: { dblclick: () => null } },
    scales: {
      x: { time: true, range },
      // Zero-based always; a little height where all is nought.
      y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] },
    },
    axes: [
      {
        ...axis,
        size: 30,
        // The lowest value hangs half below the line: the first time must not touch it.
        gap: 10,
        space: 64,
        grid: { show: false },
        values: (_, ticks) => timeLabels(ticks, (ticks[1] ?? 0) - (ticks[0] ?? 0)),
      },
      { ...axis, size: 64, gap: 6, space: 24, values: (_, ticks) => ticks.map(label) },
    ],
    series: [
      {},
      ...series.map(({ label: name, colour }) => ({
        label: name,
        width: 1.5,
        stroke: tokenColour(colour),
        spanGaps: false,
        // A lone value between two gaps would be no line at all.
        points: { show: true, size: 3, fill: tokenColour(colour), width: 0 },
      })),
    ],
    hooks: {
      setCursor: [
        (plot) => {
          if (events.pointing()) events.hover(plot.cursor.idx ?? null);
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width: wide } = plot.select;
          if (wide === 0) return;
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          events.choose(plot.posToVal(left, 'x') * 1e6, plot.posToVal(left + wide, 'x') * 1e6);
        },
      ],
    },
  };
}
