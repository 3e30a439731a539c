import { effect } from '@preact/signals';
import uPlot from 'uplot';
import type { TimelineAnswer } from '../../src/view/api.ts';
import { short } from '../part/format.ts';
import { colours, tokenColour } from '../state/theme.ts';
import { type Series, stacked } from './series.ts';
import { COUNT_STEPS, timeLabels } from './ticks.ts';

interface PlotEvents {
  /** Index of the bin under the pointer, null outside. */
  hover(bin: number | null): void;
  /** First and last bin of what was dragged over, or of the one that was clicked. */
  choose(first: number, last: number): void;
}

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

/** A uPlot in a box, kept up with the box's width and with the colours. uPlot draws on a canvas: no text of it is markup. */
export function drawn(box: HTMLElement, height: number, events: PlotEvents) {
  let plot: uPlot | null = null;
  let now: { answer: TimelineAnswer; series: Series[] } | null = null;
  let shape = '';
  let pointing = false;

  const make = (): void => {
    plot?.destroy();
    plot = null;
    box.replaceChildren();
    if (!now) return;
    const { answer, series } = now;
    plot = new uPlot(
      options(box.clientWidth, height, series, { ...events, answer: () => now!.answer, pointing: () => pointing }),
      stacked(answer, series),
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
    show(answer: TimelineAnswer, series: Series[]): void {
      now = { answer, series };
      const next = JSON.stringify([answer.bin, series.map(({ label, colour }) => [label, colour])]);
      if (plot && next === shape) {
        plot.setData(stacked(answer, series), false);
        plot.setScale('x', { min: answer.from / 1e6, max: (answer.from + answer.bins * answer.bin) / 1e6 });
      } else make();
      shape = next;
    },
    /** Shows the keyboard's place, and what is marked from there. */
    point(bin: number | null, mark: number | null): void {
      if (!plot || !now || pointing) return;
      const left = (index: number): number => plot!.valToPos((now!.answer.from + index * now!.answer.bin) / 1e6, 'x');
      if (bin === null) plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      else {
        const first = left(Math.min(bin, mark ?? bin));
        const width = left(Math.max(bin, mark ?? bin) + 1) - first;
        plot.setSelect({ left: first, top: 0, width, height: plot.over.clientHeight }, false);
      }
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

interface Now extends PlotEvents {
  /** What is shown now: data may change below a living plot. */
  answer(): TimelineAnswer;
  /** Whether the pointer is over the plot; uPlot also tells of what the keyboard does. */
  pointing(): boolean;
}

function options(width: number, height: number, series: Series[], now: Now): uPlot.Options {
  let dragged = false;
  const [muted, grid] = [tokenColour('--muted'), tokenColour('--grid')];
  const axis = { stroke: muted, font: FONT, ticks: { show: false }, grid: { stroke: grid, width: 1 } };
  const bars = uPlot.paths.bars!({ size: [1, 200], align: 1, gap: now.answer().bins > width / 4 ? 0 : 1 });
  return {
    width,
    height,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false, dist: 5 },
      bind: { dblclick: () => null },
    },
    scales: {
      x: {
        time: true,
        range: () => {
          const { from, bin, bins } = now.answer();
          return [from / 1e6, (from + bins * bin) / 1e6];
        },
      },
      // Zero-based always; four is the least height, so that one lonely event is no full bar.
      y: { range: (_, __, max) => [0, Math.max(4, max * 1.05)] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        gap: 4,
        space: 64,
        grid: { show: false },
        values: (_, ticks) => timeLabels(ticks, (ticks[1] ?? 0) - (ticks[0] ?? 0)),
      },
      {
        ...axis,
        size: 48,
        gap: 6,
        space: height < 120 ? 18 : 28,
        incrs: COUNT_STEPS,
        values: (_, ticks) => ticks.map(short),
      },
    ],
    series: [
      {},
      ...series.toReversed().map(({ label, colour }) => ({
        label,
        width: 0,
        fill: tokenColour(colour),
        points: { show: false },
        paths: bars,
      })),
    ],
    hooks: {
      setCursor: [
        (plot) => {
          if (!now.pointing()) return;
          const { left } = plot.cursor;
          now.hover(left === undefined || left < 0 ? null : binAt(plot, now.answer(), left));
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width === 0) return;
          dragged = true;
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          now.choose(binAt(plot, now.answer(), left), binAt(plot, now.answer(), left + width - 1));
        },
      ],
      ready: [
        (plot) => {
          plot.over.addEventListener('pointerdown', () => (dragged = false));
          plot.over.addEventListener('click', (event) => {
            // The click that ends a drag is none of its own.
            if (dragged) return;
            const bin = binAt(plot, now.answer(), event.clientX - plot.over.getBoundingClientRect().left);
            now.choose(bin, bin);
          });
        },
      ],
    },
  };
}

function binAt(plot: uPlot, answer: TimelineAnswer, left: number): number {
  const bin = Math.floor((plot.posToVal(left, 'x') * 1e6 - answer.from) / answer.bin);
  return Math.max(0, Math.min(answer.bins - 1, bin));
}
