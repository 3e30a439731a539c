import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { launch, missingBrowser, open, type Opened, type OpenOptions } from './browser.ts';
import { type FakeOptions, type FakeStation, startFakeStation } from './fake-station.ts';

/** Builds the page from this tree into a folder of its own, so that a test never looks at yesterday's page. */
export async function buildPage(): Promise<string> {
  const given = process.env['VARDE_WEB_DIR'];
  if (given) return given;
  const folder = mkdtempSync(join(tmpdir(), 'varde-page-'));
  await build({ configFile: 'vite.web.config.ts', logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
  return folder;
}

export interface Stage {
  browser: Browser;
  web: string;
  station: FakeStation;
  /** Opens a page of the station, or of another one by its whole address; closed after the test file. */
  visit(path: string, options?: OpenOptions): Promise<Opened>;
}

/**
 * Tests in a real browser against a made-up station. Without a browser they are skipped by name; in CI that is a failure.
 */
export function describeInBrowser(name: string, options: FakeOptions, tests: (stage: () => Stage) => void): void {
  const missing = missingBrowser();
  describe.skipIf(missing !== null)(missing === null ? name : `${name} [skipped: ${missing}]`, () => {
    let stage: Stage;
    const opened: Opened[] = [];
    beforeAll(async () => {
      const web = await buildPage();
      const station = await startFakeStation({ ...options, web });
      const browser = await launch();
      const visit = async (path: string, how: OpenOptions = {}): Promise<Opened> => {
        const one = await open(browser, path.startsWith('http') ? path : station.url + path, how);
        opened.push(one);
        return one;
      };
      stage = { browser, web, station, visit };
    });
    afterAll(async () => {
      // Taken before the station stops: that its streams then end is no fault of the page.
      const complaints = opened.flatMap(({ complaints }) => complaints);
      await stage?.browser.close();
      await stage?.station.stop();
      if (stage && !process.env['VARDE_WEB_DIR']) rmSync(stage.web, { recursive: true, force: true });
      expect(complaints).toEqual([]);
    });
    tests(() => stage);
  });
}

/** Waits for a condition with a deadline; the last value is in the error. */
export async function until<T>(
  what: string,
  get: () => Promise<T> | T,
  is: (value: T) => boolean,
  millis = 30_000,
): Promise<T> {
  const end = Date.now() + millis;
  for (;;) {
    const value = await get();
    if (is(value)) return value;
    if (Date.now() > end) throw new Error(`${what}: still ${JSON.stringify(value)?.slice(0, 500)} after ${millis} ms`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** The list has rows and asks no more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('.rows .row');
  await until(
    'the search ends',
    () => page.locator('.said .busy').count(),
    (busy) => busy === 0,
  );
}

/** Query parameters of the page's address. */
export function parameters(page: Page): URLSearchParams {
  return new URL(page.url()).searchParams;
}

/** The number that stands in a text: 29 997 events → 29997. */
export function numberIn(text: string): number {
  return Number(text.replace(/[^\d]/g, ''));
}
