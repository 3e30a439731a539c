import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { CDPSession } from 'playwright-core';
import { expect, test } from 'vitest';
import { startFakeStation } from './fake-station.ts';
import { describeInBrowser, settled, until } from './setup.ts';

/** Bytes of script and style at the first load, compressed. */
const LIMIT = 120_000;

describeInBrowser('what the page weighs', { events: 120_000 }, (stage) => {
  test('script and style of the first load stay below 120 kB, with nothing inline', () => {
    const { web } = stage();
    const files = readdirSync(join(web, 'assets')).filter((name) => /\.(?:js|css)$/.test(name));
    const total = files.reduce(
      (sum, name) => sum + gzipSync(readFileSync(join(web, 'assets', name)), { level: 9 }).length,
      0,
    );
    console.log(`first load: ${total} bytes of script and style, gzip`);
    expect(total).toBeLessThanOrEqual(LIMIT);
    const html = readFileSync(join(web, 'index.html'), 'utf8');
    expect(html).not.toMatch(/<style|<script(?![^>]* src=)|style=|\son\w+=/);
  });

  test('is usable soon after the HTML on a slow machine (reported, not gated)', async () => {
    // Few events: the page's own time is measured, not this station's.
    const small = await startFakeStation({ web: stage().web, events: 500 });
    const { page, context } = await stage().visit(`${small.url}/overview`);
    const slow = await context.newCDPSession(page);
    await slow.send('Emulation.setCPUThrottlingRate', { rate: 6 });
    await slow.send('Performance.enable', { timeDomain: 'threadTicks' });
    const times: number[] = [];
    const work: number[] = [];
    for (let i = 0; i < 5; i++) {
      await page.goto(`${small.url}/overview`, { waitUntil: 'commit' });
      const before = await taskMillis(slow);
      const at = await page.evaluate(async () => {
        // Usable: the frame with its search line stands and takes keys.
        while (!document.querySelector('.search input')) await new Promise(requestAnimationFrame);
        const [navigation] = performance.getEntriesByType('navigation');
        return performance.now() - (navigation as PerformanceNavigationTiming).responseEnd;
      });
      work.push(Math.round((await taskMillis(slow)) - before));
      times.push(Math.round(at));
    }
    const sorted = (list: number[]): string => list.sort((a, b) => a - b).join(', ');
    console.log(
      `usable after the HTML, CPU 6 times slower: ${sorted(times)} ms; own work of the main thread: ${sorted(work)} ms`,
    );
    await context.close();
    await small.stop();
  });

  test('a hundred thousand rows are loaded by scrolling, and only those in sight exist', async () => {
    const { page, context } = await stage().visit('/events?last=all');
    await settled(page);
    const table = page.locator('.table');
    const rows = (): Promise<number> =>
      page.locator('.rows').evaluate((element) => Math.round((element as HTMLElement).offsetHeight / 28));
    while ((await rows()) < 100_000) {
      const before = await rows();
      await table.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      await until('more rows', rows, (count) => count > before);
    }
    expect(await page.locator('.rows .row').count()).toBeLessThan(80);
    const meter = await context.newCDPSession(page);
    await meter.send('Performance.enable', { timeDomain: 'threadTicks' });
    // A steady turn of the wheel, a fast one, and the scroll bar dragged through the whole list.
    for (const step of [100, 600, 40_000]) {
      const began = await taskMillis(meter);
      const frames = await table.evaluate(async (element, step) => {
        const gaps: number[] = [];
        let last = await new Promise<number>(requestAnimationFrame);
        for (let i = 0; i < 60; i++) {
          element.scrollTo(0, step * (i + 1));
          const now = await new Promise<number>(requestAnimationFrame);
          gaps.push(now - last);
          last = now;
        }
        return gaps.sort((a, b) => a - b);
      }, step);
      const own = ((await taskMillis(meter)) - began) / frames.length;
      console.log(
        `scrolling 100,000 rows by ${step} px a frame: median frame ${frames[30]!.toFixed(0)} ms, p95 ${frames[56]!.toFixed(0)} ms; own work ${own.toFixed(1)} ms a frame`,
      );
    }
    const at = await table.evaluate((element) => Math.floor(element.scrollTop / 28));
    await page.waitForSelector(`#row-${at + 2}`);
  });
});

/** Milliseconds that the page's main thread has worked (not waited) so far. */
async function taskMillis(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
}
