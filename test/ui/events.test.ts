import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeInBrowser, numberIn, parameters, settled, until } from './setup.ts';

describeInBrowser('the events page', { events: 12_000 }, (stage) => {
  test('searches with completion of fields and values, and marks what is wrong', async () => {
    const { page } = await stage().visit('/events');
    await settled(page);
    await page.keyboard.press('/');
    await page.keyboard.type('dest');
    await page.getByRole('option', { name: /destination\.port/ }).waitFor();
    await page.getByRole('option', { name: /destination\.port/ }).click();
    const field = page.getByRole('combobox', { name: 'Search expression' });
    expect(await field.inputValue()).toBe('destination.port:');
    await page.getByRole('option', { name: /^53 / }).waitFor();
    await page.keyboard.type('5');
    await page.getByRole('option', { name: /^53 / }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await field.inputValue()).toBe('destination.port:53 ');
    await page.keyboard.type('AND (');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    expect(await page.locator('.search-problem pre').innerText()).toMatch(/\^/);
    expect(parameters(page).get('q')).toBeNull();
    await page.keyboard.press('Backspace');
    for (let i = 0; i < 4; i++) await page.keyboard.press('Backspace');
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await field.fill('destination.port:53');
    await page.keyboard.press('Enter');
    await until(
      'the address',
      () => parameters(page).get('q'),
      (q) => q === 'destination.port:53',
    );
    await settled(page);
    const types = await page.locator('.rows .row [data-value="0"]').allInnerTexts();
    expect(new Set(types)).toEqual(new Set(['dns']));
  });

  test('keys walk the list, open an event, filter and exclude, and none acts while a field has the focus', async () => {
    const { page } = await stage().visit('/events?q=event.action:alert');
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.detail .tree');
    const first = parameters(page).get('id');
    await page.keyboard.press('j');
    await until(
      'the next event',
      () => parameters(page).get('id'),
      (id) => id !== first,
    );
    await page.keyboard.press('Escape');
    await until(
      'closed',
      () => parameters(page).get('id'),
      (id) => id === null,
    );
    await page.keyboard.press('l');
    const value = (
      await until(
        'the cursor is on the address',
        () => page.locator('.v.cursor.address').allInnerTexts(),
        (found) => found.length === 1,
      )
    )[0]!.trim();
    await page.keyboard.press('f');
    const q = await until(
      'filtered',
      () => parameters(page).get('q'),
      (q) => q!.includes(' AND source.ip:'),
    );
    // An address of version 6 is written in quotation marks.
    expect(q!.replaceAll(/["\\]/g, '')).toContain(`source.ip:${value}`);
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await page.waitForSelector('.totals');
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await settled(page);
    await page.keyboard.press('/');
    await page.keyboard.type('?jkf');
    expect(await page.locator('dialog[open]').count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('any value has a menu: filter, exclude, both ways of an address', async () => {
    const { page } = await stage().visit('/events?q=event.action:alert');
    await settled(page);
    await page.locator('.rows .row').nth(1).locator('[data-value="1"]').click();
    const menu = page.getByRole('menu', { name: 'Value of source.ip' });
    await menu.waitFor();
    expect(await menu.getByRole('menuitem').count()).toBe(5);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await until(
      'excluded',
      () => parameters(page).get('q'),
      (q) => q!.includes('NOT source.ip:'),
    );
    await settled(page);
    await page.locator('.rows .row').nth(0).locator('[data-value="1"]').click();
    await page.getByRole('menuitem', { name: 'Everything from and to this address' }).click();
    await until(
      'both ways',
      () => parameters(page).get('q'),
      (q) => q!.startsWith('ip:'),
    );
    await page.goBack();
    await until(
      'back',
      () => parameters(page).get('q'),
      (q) => q!.includes('NOT source.ip:'),
    );
    await until(
      'the search line says the same',
      () => page.getByRole('combobox').inputValue(),
      (text) => text === parameters(page).get('q'),
    );
  });

  test('an event shows its fields, its line and its neighbours, and its address can be shared', async () => {
    const { page } = await stage().visit('/events?q=event.action:dns');
    await settled(page);
    await page
      .locator('.rows .row')
      .nth(3)
      .click({ position: { x: 40, y: 10 } });
    await page.waitForSelector('.detail .tree');
    expect(await page.locator('.detail .tree').innerText()).toContain('18446744073709551615');
    await page.getByRole('tab', { name: 'Raw' }).click();
    expect(await page.locator('.detail pre').innerText()).toContain('"event_type":"dns"');
    await page.getByRole('tab', { name: 'Neighbours' }).click();
    await page.locator('.near li').first().waitFor();
    const shared = page.url();
    const { page: other } = await stage().visit(shared.slice(stage().station.url.length));
    await other.locator('.near li').first().waitFor();
    expect(other.url()).toBe(shared);
    await page.getByRole('tab', { name: 'Fields' }).click();
    await page.locator('.leaf', { hasText: 'type' }).first().hover();
    await page.getByRole('button', { name: 'Exclude dns.question.type' }).click();
    await until(
      'excluded',
      () => parameters(page).get('q'),
      (q) => q!.includes('NOT dns.question.type:'),
    );
  });

  test('the focused event scrolls by keys, its tabs are walked by arrows, and the list stays where it is', async () => {
    const { page } = await stage().visit('/events?q=event.action:dns', { height: 500 });
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.detail .leaf');
    const id = parameters(page).get('id');
    const body = page.getByRole('tabpanel');
    await body.focus();
    const top = (): Promise<number> => body.evaluate((element) => element.scrollTop);
    for (const key of ['ArrowDown', 'PageDown', 'End']) {
      const before = await top();
      await page.keyboard.press(key);
      await until(`scrolled by ${key}`, top, (now) => now > before);
    }
    await page.keyboard.press('Home');
    await until('scrolled back', top, (now) => now === 0);
    await page.getByRole('tab', { name: 'Fields' }).focus();
    await page.keyboard.press('ArrowRight');
    await until(
      'the next tab',
      () => parameters(page).get('tab'),
      (tab) => tab === 'raw',
    );
    expect(await page.getByRole('tab', { name: 'Raw' }).evaluate((tab) => tab === document.activeElement)).toBe(true);
    await page.keyboard.press('End');
    await page.locator('.near li').first().waitFor();
    expect(await page.locator('[role=tab][tabindex="0"]').allInnerTexts()).toEqual(['Neighbours']);
    expect(parameters(page).get('id')).toBe(id);
  });

  test('columns are chosen, stay in the address and in this browser', async () => {
    const { page, context } = await stage().visit('/events');
    await settled(page);
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('searchbox', { name: 'Add a field' }).fill('rule.id');
    await page.keyboard.press('Enter');
    await until(
      'in the address',
      () => parameters(page).get('columns'),
      (columns) => columns?.endsWith(',rule.id') === true,
    );
    await page.keyboard.press('Escape');
    await page.getByRole('columnheader', { name: 'rule.id' }).waitFor();
    const again = await context.newPage();
    await again.goto(`${stage().station.url}/events`);
    await again.getByRole('columnheader', { name: 'rule.id' }).waitFor();
    // What this browser remembers stands in the address too, so that it can be copied; an address without columns means the default.
    expect(parameters(again).get('columns')).toMatch(/,rule\.id$/);
    await again.goto(`${stage().station.url}/events?last=24h`);
    await settled(again);
    expect(await again.getByRole('columnheader', { name: 'rule.id' }).count()).toBe(0);
    await again.keyboard.press('g');
    await again.keyboard.press('o');
    await again.waitForSelector('.totals');
    await again.keyboard.press('g');
    await again.keyboard.press('e');
    await again.getByRole('columnheader', { name: 'rule.id' }).waitFor();
    expect(parameters(again).get('columns')).toMatch(/,rule\.id$/);
    await page.getByRole('columnheader', { name: 'Type' }).getByRole('button').click();
    const top = page.getByRole('dialog', { name: 'Type' });
    await top.getByRole('button', { name: 'Filter by alert' }).click();
    await until(
      'filtered by a top value',
      () => parameters(page).get('q'),
      (q) => q === 'event.action:alert',
    );
  });

  test('the whole result is exported, with formulas made harmless', async () => {
    const { page } = await stage().visit('/events?q=event.action:ssh');
    await settled(page);
    const total = numberIn(await page.locator('.said b').innerText());
    await page.getByRole('button', { name: 'Export' }).click();
    const [csv] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: /^CSV/ }).click(),
    ]);
    const lines = readFileSync(await csv.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    expect(lines).toHaveLength(total + 1);
    expect(lines[0]).toMatch(/timestamp,event\.action,source\.ip,source\.port/);
    await page.getByRole('button', { name: 'Export' }).click();
    const [json] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: /^NDJSON/ }).click(),
    ]);
    expect(
      readFileSync(await json.path(), 'utf8')
        .trimEnd()
        .split('\n'),
    ).toHaveLength(total);
  });

  test('the histogram zooms by drag, and back undoes it', async () => {
    const { page } = await stage().visit('/events');
    await settled(page);
    const plot = page.getByRole('application', { name: /^Events over time/ });
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.6, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + 40, { steps: 5 });
    await page.mouse.up();
    await until(
      'zoomed',
      () => parameters(page).get('from'),
      (from) => from !== null,
    );
    await page.goBack();
    await until(
      'back',
      () => parameters(page).get('from'),
      (from) => from === null,
    );
  });
});
