import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeInBrowser, settled, until } from './setup.ts';

const SHOTS = new URL('screenshots/', import.meta.url).pathname;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface View {
  name: string;
  path: string;
  ready(page: Page): Promise<unknown>;
}

const VIEWS: readonly View[] = [
  { name: 'overview', path: '/overview', ready: (page) => page.waitForSelector('.top-list li') },
  {
    name: 'overview-table',
    path: '/overview',
    ready: (page) => page.getByRole('button', { name: 'Events by type: show as table' }).click(),
  },
  { name: 'quarantine', path: '/overview?view=quarantine', ready: (page) => page.waitForSelector('.refused li') },
  { name: 'events', path: '/events', ready: settled },
  {
    name: 'event',
    path: '/events?q=event.action:alert',
    ready: async (page) => {
      await settled(page);
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.detail .leaf');
    },
  },
  {
    name: 'neighbours',
    path: '/events?q=event.action:alert',
    ready: async (page) => {
      await settled(page);
      await page
        .locator('.rows .row')
        .first()
        .click({ position: { x: 30, y: 10 } });
      await page.getByRole('tab', { name: 'Neighbours' }).click();
      await page.waitForSelector('.near li');
    },
  },
  {
    name: 'sensors',
    path: '/sensors',
    ready: (page) => page.getByRole('region', { name: 'Sensor attic' }).waitFor(),
  },
  {
    name: 'sensor',
    path: '/sensors?view=attic&tab=attic%2Ficmp',
    ready: (page) => page.getByRole('region', { name: 'Suricata of attic' }).waitFor(),
  },
  { name: 'empty', path: '/events?q=rule.name:nothing', ready: (page) => page.waitForSelector('.notice.empty .main') },
  {
    name: 'completion',
    path: '/events',
    ready: async (page) => {
      await settled(page);
      await page.keyboard.press('/');
      await page.keyboard.type('dest');
      await page.waitForSelector('.offers li');
      await page.keyboard.press('ArrowDown');
    },
  },
  {
    name: 'problem',
    path: '/events',
    ready: async (page) => {
      await settled(page);
      await page.keyboard.press('/');
      await page.keyboard.type('source.ip:10.0.0.0/8 AND (rule.id:>');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#search-problem');
    },
  },
  {
    name: 'value-menu',
    path: '/events?q=event.action:alert',
    ready: async (page) => {
      await settled(page);
      await page.locator('.rows .row').nth(2).locator('[data-value="0"]').click();
      await page.waitForSelector('[role=menu]');
    },
  },
  { name: 'range', path: '/overview', ready: (page) => page.getByRole('button', { name: /^Time range/ }).click() },
  {
    name: 'health',
    path: '/overview',
    ready: async (page) => {
      await page.getByRole('button', { name: /^Health/ }).click();
      await page.waitForSelector('.health tbody');
    },
  },
  { name: 'help', path: '/events', ready: async (page) => (await settled(page), await page.keyboard.press('?')) },
  {
    name: 'columns',
    path: '/events',
    ready: async (page) => (await settled(page), await page.getByRole('button', { name: 'Columns' }).click()),
  },
];

const FORMS = [
  { form: 'light', options: {} },
  { form: 'dark', options: { dark: true } },
  { form: 'narrow', options: { width: 390, height: 844 } },
  { form: 'wide', options: { width: 1920, height: 1080, dark: true } },
] as const;
/** Which views are looked at in which form; light and dark see all of them. */
const CHOSEN: Partial<Record<string, readonly string[]>> = {
  narrow: ['overview', 'quarantine', 'events', 'event', 'neighbours', 'sensors', 'sensor', 'empty', 'range', 'health'],
  wide: ['overview', 'events', 'event', 'sensor'],
};

describeInBrowser('how it looks', { events: 5000 }, (stage) => {
  for (const { form, options } of FORMS) {
    const views = VIEWS.filter(({ name }) => CHOSEN[form]?.includes(name) ?? true);
    test.each(views)(`$name, ${form}: no violation of accessibility`, async ({ name, path, ready }) => {
      const { page, context } = await stage().visit(path, { ...options, bypassCSP: true });
      try {
        await page.waitForSelector('main');
        await until(
          'the page has answers',
          () => page.locator('main .working').count(),
          (count) => count === 0,
        );
        await ready(page);
        mkdirSync(SHOTS, { recursive: true });
        await page.screenshot({ path: `${SHOTS}${name}-${form}.png` });
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
        await page.addScriptTag({ path: AXE });
        const violations = await page.evaluate(async () => {
          const { axe } = window as unknown as {
            axe: {
              run(options: object): Promise<{
                violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
              }>;
            };
          };
          const { violations } = await axe.run({ resultTypes: ['violations'] });
          return violations.map(
            ({ id, help, nodes }) =>
              `${id}: ${help}: ${nodes
                .slice(0, 3)
                .map(({ html, failureSummary }) => `${html.slice(0, 160)} (${failureSummary?.slice(0, 200)})`)
                .join(' | ')}`,
          );
        });
        expect(violations).toEqual([]);
      } finally {
        // Each open page asks again every few seconds.
        await context.close();
      }
    });
  }

  test('the colour switch is kept', async () => {
    const { page } = await stage().visit('/overview');
    const ground = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground();
    await page.getByRole('button', { name: /^Colours: auto/ }).click();
    await page.getByRole('button', { name: /^Colours: light/ }).click();
    await page.getByRole('button', { name: /^Colours: dark/ }).waitFor();
    expect(await ground()).not.toBe(light);
    await page.reload();
    await page.getByRole('button', { name: /^Colours: dark/ }).waitFor();
    expect(await ground()).not.toBe(light);
  });
});
