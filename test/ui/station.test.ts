import { mkdirSync, readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch, missingBrowser, open, type Opened, type OpenOptions } from './browser.ts';
import { missingStation, type RealStation, startRealStation } from './demo.ts';
import { numberIn, parameters, settled, until } from './setup.ts';

const SHOTS = new URL('screenshots/', import.meta.url).pathname;
const missing = missingBrowser() ?? missingStation();

/** The same page against the real thing: `varde demo`, or the station whose address stands in VARDE_UI_URL. */
describe.skipIf(missing !== null)(
  `a tour through the real station${missing === null ? '' : ` [skipped: ${missing}]`}`,
  () => {
    let station: RealStation;
    let browser: Browser;
    const opened: Opened[] = [];
    const visit = async (path: string, options: OpenOptions = {}): Promise<Opened> => {
      const one = await open(browser, station.url + path, options);
      opened.push(one);
      return one;
    };
    beforeAll(async () => {
      [station, browser] = await Promise.all([startRealStation(), launch()]);
    }, 180_000);
    afterAll(async () => {
      const complaints = opened.flatMap(({ complaints, refused }) => [...complaints, ...refused]);
      await browser?.close();
      await station?.stop();
      expect(complaints).toEqual([]);
    });

    test('the overview fills by itself, and every line is accounted for', async () => {
      const { page } = await visit('/');
      await page.waitForSelector('.figure.alert');
      console.log(
        `alerts on the page ${((Date.now() - station.announced) / 1000).toFixed(1)} s after the address was printed`,
      );
      await until(
        'two thirds of the day',
        async () => numberIn(await page.locator('.figure b').first().innerText()),
        (count) => count > 10_000,
        120_000,
      );
      for (const name of [
        'Top signatures',
        'Top sources',
        'Top destinations',
        'Destination ports',
        'DNS names',
        'TLS server names',
        'HTTP hosts',
      ])
        await page.getByRole('region', { name, exact: true }).locator('li').first().waitFor();
      const numbers = await page.locator('.sources tbody tr').first().locator('td.num').allInnerTexts();
      const [read, stored, quarantined, flying] = numbers.slice(-4).map(numberIn);
      expect(read).toBe(stored! + quarantined! + flying!);
      await page.getByRole('button', { name: /^Health: / }).click();
      await page.locator('.health tbody tr').first().waitFor();
    });

    test('the heartbeat lives; broken on purpose it goes blind at a hop that is named, mended it lives again', async () => {
      const { page } = await visit('/sensors');
      const sensor = page.getByRole('region', { name: 'Sensor sensor' });
      const lamp = (state: string) =>
        page.getByRole('button', { name: `Health: ${state}` }).waitFor({ timeout: 120_000 });
      const verdict = (state: string) =>
        until(
          `the sensor is ${state}`,
          () => sensor.locator('.verdict.big').innerText(),
          (text) => text.trim() === state,
          120_000,
        );
      await verdict('alive');
      await lamp('alive');
      mkdirSync(SHOTS, { recursive: true });
      await page.screenshot({ path: `${SHOTS}demo-alive.png` });
      for (const hop of ['captured', 'alerted']) {
        await page.getByRole('button', { name: 'Demo: break a hop' }).click();
        await verdict('blind');
        await lamp('blind');
        const broken = await until(
          'the broken hop',
          () => sensor.locator('.sensor-row .hop.broken').allTextContents(),
          ([name]) => name?.startsWith(hop) ?? false,
          60_000,
        );
        expect(broken).toHaveLength(1);
        await page.screenshot({ path: `${SHOTS}demo-${hop}.png` });
        await page.getByRole('button', { name: 'Demo: mend the hop' }).click();
        await verdict('alive');
        await lamp('alive');
      }
    });

    test('search, completion, detail, pivot and back', async () => {
      const { page } = await visit('/events');
      await settled(page);
      await page.keyboard.press('/');
      await page.keyboard.type('event.action:al');
      await page.getByRole('option', { name: /^alert / }).click();
      await page.keyboard.press('Enter');
      await until(
        'searched',
        () => parameters(page).get('q'),
        (q) => q === 'event.action:alert',
      );
      await settled(page);
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.detail .leaf');
      await page.getByRole('tab', { name: 'Raw' }).click();
      const line = JSON.parse(await page.locator('.detail pre').innerText()) as { event_type: string };
      expect(line.event_type).toBe('alert');
      await page.getByRole('tab', { name: 'Neighbours' }).click();
      await page.locator('.near li').first().waitFor();
      await page.getByRole('tab', { name: 'Fields' }).click();
      await page.getByRole('button', { name: 'Filter by rule.id' }).click();
      await until(
        'pivoted',
        () => parameters(page).get('q'),
        (q) => q!.includes('rule.id:'),
      );
      await settled(page);
      await page.goBack();
      await until(
        'back',
        () => parameters(page).get('q'),
        (q) => q === 'event.action:alert',
      );
      await settled(page);
    });

    test('histogram and list speak of the same events, and the export holds all of them', async () => {
      const { page } = await visit('/events?q=event.action:tls&last=24h');
      await settled(page);
      const shown = async (): Promise<number> => numberIn(await page.locator('.said b').innerText());
      const whole = await shown();
      const plot = page.getByRole('application', { name: /^Events over time/ });
      const box = (await plot.boundingBox())!;
      await page.mouse.move(box.x + box.width * 0.7, box.y + 40);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.8, box.y + 40, { steps: 5 });
      await page.mouse.up();
      await until(
        'zoomed',
        () => parameters(page).get('to'),
        (to) => to !== null,
      );
      // The address changes before the search begins: the number of the whole range still stands there for a moment.
      const total = await until('counted', shown, (count) => count > 0 && count < whole);
      await settled(page);
      await page.getByRole('button', { name: 'Export' }).click();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: /^CSV/ }).click(),
      ]);
      expect(
        readFileSync(await file.path(), 'utf8')
          .trimEnd()
          .split('\r\n'),
      ).toHaveLength(total + 1);
    });

    test('the live list grows, and an empty one says why', async () => {
      const { page } = await visit('/events?live=1&last=1h');
      await settled(page);
      await page.mouse.move(5, 400);
      const top = (): Promise<string> => page.locator('#row-0').innerText();
      const before = await top();
      if (!process.env['VARDE_UI_URL']) await until('new events', top, (text) => text !== before, 60_000);
      const { page: empty } = await visit('/events?q=rule.name:%22no%20such%20rule%22');
      await empty.getByText('No event matches the search').waitFor();
      const { page: early } = await visit('/events?from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z');
      await early.getByRole('button', { name: /Next event after/ }).click();
      await settled(early);
    });

    test('narrow and dark', async () => {
      const { page } = await visit('/events?q=event.action:dns', { width: 390, height: 844, dark: true });
      await settled(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await page
        .locator('.rows .row')
        .first()
        .click({ position: { x: 40, y: 10 } });
      await page.waitForSelector('.detail .leaf');
    });
  },
);
