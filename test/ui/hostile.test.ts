import { expect, test } from 'vitest';
import { hostileEvents } from './fake/hostile.ts';
import { describeInBrowser, settled, until } from './setup.ts';

/** Elements that our own page makes. Anything else came from a log line. */
const OWN = new Set(
  'html head meta title link script body div nav a svg path span header form input kbd ul li button main h1 h2 section i p b strong table thead tbody tr th td ol dl dt dd meter code bdi time aside pre dialog label progress canvas u footer noscript'.split(
    ' ',
  ),
);

describeInBrowser('lines that an attacker wrote', { events: hostileEvents(Date.now() * 1000) }, (stage) => {
  async function harmless(page: Awaited<ReturnType<ReturnType<typeof stage>['visit']>>['page']): Promise<void> {
    const found = await page.evaluate(() => ({
      ran: (window as { __ran?: number }).__ran,
      names: [...new Set([...document.querySelectorAll('*')].map((element) => element.localName))],
      handlers: [...document.querySelectorAll('*')].flatMap((element) =>
        [...element.attributes].filter(({ name }) => name.startsWith('on')).map(({ name }) => name),
      ),
      links: [...document.querySelectorAll('a')]
        .map((link) => link.href)
        .filter((href) => new URL(href).origin !== location.origin),
      scripts: document.scripts.length,
      styles: [...document.querySelectorAll('link')]
        .map((link) => link.href)
        .filter((href) => new URL(href).origin !== location.origin),
      polluted:
        ({} as Record<string, unknown>)['own'] !== undefined ||
        Object.prototype.hasOwnProperty.call(Object.prototype, 'rule.name'),
      controls: /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText),
    }));
    expect(found.ran).toBeUndefined();
    expect(found.names.filter((name) => !OWN.has(name))).toEqual([]);
    expect(found.handlers).toEqual([]);
    expect(found.links).toEqual([]);
    expect(found.styles).toEqual([]);
    expect(found.scripts).toBe(1);
    expect(found.polluted).toBe(false);
    expect(found.controls).toBe(false);
  }

  test('are shown as text on the overview and in its charts, lists and tables', async () => {
    const { page } = await stage().visit('/overview');
    await page.waitForSelector('.top-list li');
    await harmless(page);
    await page.getByRole('button', { name: 'Events by type: show as table' }).click();
    await page.locator('.top-list .value').first().click();
    await page.waitForSelector('[role=menu]');
    await harmless(page);
    await page.keyboard.press('Escape');
    await page.goto(`${stage().station.url}/overview?view=quarantine`);
    await page.waitForSelector('.refused li');
    await harmless(page);
  });

  test('are shown as text in every column, from the first event to the last', async () => {
    const columns = 'time,event.action,source,destination,summary,constructor,__proto__,rule.name,user_agent.original';
    const { page } = await stage().visit(`/events?columns=${columns}`);
    await settled(page);
    const height = await page.locator('.rows').evaluate((element) => (element as HTMLElement).offsetHeight);
    for (let at = 0; at <= height; at += 560) {
      await page.locator('.table').evaluate((element, top) => element.scrollTo(0, top), at);
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
    await harmless(page);
    const { page: narrow } = await stage().visit('/events', { width: 390, height: 844 });
    await settled(narrow);
    await harmless(narrow);
  });

  test('are shown as text in detail: every event, as tree, raw and among its neighbours', async () => {
    const { page } = await stage().visit('/events');
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    for (let i = 0; i < stage().station.events.length; i += 3) {
      await page.waitForSelector('.detail .leaf');
      if (i % 24 === 0) {
        await harmless(page);
        await page.getByRole('tab', { name: 'Raw' }).click();
        await page.waitForSelector('.detail pre');
        await page.getByRole('button', { name: 'Indented' }).click();
        await harmless(page);
        await page.getByRole('tab', { name: 'Neighbours' }).click();
        await page.waitForSelector('.near');
        await harmless(page);
        await page.getByRole('tab', { name: 'Fields' }).click();
      }
      const before = page.url();
      await page.locator('.table').focus();
      for (let step = 0; step < 3; step++) await page.keyboard.press('j');
      if (page.url() === before) break;
    }
  });

  test('are whole in their menu, however long, and are read there by the keyboard', async () => {
    const { page } = await stage().visit(`/events?q=${encodeURIComponent('rule.name:\\<b\\>*script*')}`);
    await settled(page);
    const long = `<b>${'<script>'.repeat(5000)}`;
    await page.locator('.rows [data-value]').filter({ hasText: '<b><script>' }).first().click();
    const whole = page.getByRole('region', { name: /^Value of/ });
    await whole.waitFor();
    expect(await whole.innerText()).toBe(long);
    await whole.focus();
    await page.keyboard.press('End');
    await until(
      'scrolled',
      () => whole.evaluate((element) => element.scrollTop),
      (top) => top > 0,
    );
    await harmless(page);
  });

  test('are filtered by, completed and put into the address without harm', async () => {
    const { page, refused } = await stage().visit('/events');
    await settled(page);
    for (const place of [0, 30, 60, 90, 120]) {
      await page.goto(`${stage().station.url}/events`);
      await settled(page);
      await page.locator('.table').evaluate((element, top) => element.scrollTo(0, top), place * 28);
      await page.waitForSelector(`#row-${place + 1}`);
      const value = page.locator(`#row-${place + 1} [data-value]`).last();
      if ((await value.count()) === 0) continue;
      await value.click();
      const filter = page.getByRole('menuitem').first();
      // Some cannot be asked for: too long, or no value of such a field.
      if (await filter.isDisabled()) continue;
      await filter.click();
      await until(
        'the list or a reason',
        () => page.locator('.rows .row, .notice').count(),
        (count) => count > 0,
      );
      await harmless(page);
      await page.reload();
      await until(
        'the same after a reload',
        () => page.locator('.rows .row, .notice').count(),
        (count) => count > 0,
      );
      await harmless(page);
    }
    await page.keyboard.press('/');
    await page.getByRole('combobox').fill('rule.name:');
    await page.waitForSelector('.offers li');
    await harmless(page);
    // Each expression that the page makes of a value is one that the station takes.
    expect(refused).toEqual([]);
    await page.goto(
      `${stage().station.url}/events?q=${encodeURIComponent('<script>window.__ran=1</script> AND (')}&id=${encodeURIComponent('"><img src=x onerror=alert(1)>')}`,
    );
    await page.waitForSelector('.search');
    await page.keyboard.press('/');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.search-problem');
    await harmless(page);
  });
});
