import { expect, test } from 'vitest';
import { describeInBrowser, numberIn, parameters, until } from './setup.ts';

describeInBrowser('the overview', { events: 12_000 }, (stage) => {
  test('answers the three questions on one screen, each number a link to its events', async () => {
    const { page } = await stage().visit('/');
    await page.waitForSelector('.totals');
    expect(numberIn(await page.locator('.figure b').first().innerText())).toBeGreaterThan(11_900);
    for (const name of [
      'Sources',
      'Store',
      'Events by type',
      'Alerts by severity',
      'Top signatures',
      'Top sources',
      'Top destinations',
      'Destination ports',
      'DNS names',
      'TLS server names',
      'HTTP hosts',
    ])
      await page.getByRole('region', { name, exact: true }).first().waitFor();
    const counts = await page.locator('.sources tbody tr').first().locator('td.num').allInnerTexts();
    const [read, stored, quarantined, flying] = counts.slice(-4).map(numberIn);
    expect(read).toBe(stored! + quarantined! + flying!);
    expect(await page.locator('.store').innerText()).toMatch(/Retention\s+removes what is older than 90.d/);

    await page.getByRole('region', { name: 'Top signatures' }).locator('.count').first().click();
    await page.waitForSelector('.rows .row');
    expect(parameters(page).get('q')).toMatch(/^rule\.name:/);
    await page.goBack();
    await page.waitForSelector('.totals');
    expect(new URL(page.url()).pathname).toBe('/');
  });

  test('dragging over a chart changes the range of the whole page, zooming out widens it again', async () => {
    const { page } = await stage().visit('/overview');
    const plot = page.getByRole('application', { name: /^Events by type/ });
    await plot.waitFor();
    const before = numberIn(await page.locator('.figure b').first().innerText());
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 5 });
    await page.mouse.up();
    await until(
      'the range is in the address',
      () => parameters(page).get('from'),
      (from) => from !== null,
    );
    expect(parameters(page).get('to')).not.toBeNull();
    const inside = await until(
      'fewer events',
      async () => numberIn(await page.locator('.figure b').first().innerText()),
      (count) => count < before / 2,
    );
    await page.getByRole('button', { name: 'Events by type: zoom out' }).click();
    await until(
      'more events again',
      async () => numberIn(await page.locator('.figure b').first().innerText()),
      (count) => count > inside,
    );
  });

  test('a chart is read and zoomed by keyboard, and is a table on request', async () => {
    const { page } = await stage().visit('/overview');
    const plot = page.getByRole('application', { name: /^Events by type/ });
    await plot.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    const when = await page.getByRole('region', { name: 'Events by type' }).first().locator('.when').innerText();
    expect(when).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d – /);
    await page.keyboard.press('Enter');
    await until(
      'zoomed',
      () => parameters(page).get('from'),
      (from) => from !== null,
    );
    await page.goBack();
    await page.getByRole('button', { name: 'Events by type: show as table' }).click();
    expect(await page.locator('.bin-table tbody tr').count()).toBeGreaterThan(20);
  });

  test('is alive: new events change the totals without a click', async () => {
    const { page } = await stage().visit('/overview?last=all');
    await page.waitForSelector('.totals');
    const before = numberIn(await page.locator('.figure b').first().innerText());
    stage().station.add(40);
    await until(
      'new total',
      async () => numberIn(await page.locator('.figure b').first().innerText()),
      (count) => count >= before + 40,
    );
  });

  test('a range that has ended does not stop the view of sources and store', async () => {
    const { page } = await stage().visit('/overview?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z');
    const stored = page.locator('.store dd').first();
    await stored.waitFor();
    const before = numberIn(await stored.innerText());
    stage().station.add(3);
    await until(
      'the store grows',
      async () => numberIn(await stored.innerText()),
      (count) => count === before + 3,
    );
  });

  test('a chart as a table, and what of the quarantine is shown, stand in the address', async () => {
    const { page } = await stage().visit('/overview');
    await page.getByRole('button', { name: 'Events by type: show as table' }).click();
    await page.waitForSelector('.bin-table');
    expect(parameters(page).get('tables')).toBe('events-by-type');
    const { page: other } = await stage().visit(page.url());
    await other.waitForSelector('.bin-table');
    await other.locator('.figure.warn').click();
    await other.locator('.chips button', { hasText: 'not_json' }).click();
    await until(
      'in the address',
      () => parameters(other).get('code'),
      (code) => code === 'not_json',
    );
    await page.goto(other.url());
    await page.waitForSelector('.refused li');
    expect(await page.locator('.refused li').count()).toBe(2);
    await page.keyboard.press('Escape');
    await page.waitForSelector('.totals');
    expect(parameters(page).get('code')).toBeNull();
  });

  test('of a very long refused line it says that only a part is here, and how to get the whole', async () => {
    const { page } = await stage().visit('/overview?view=quarantine&code=no_timestamp&source=file_tail:0');
    const line = page.locator('.refused li').filter({ hasText: 'Copy the first' });
    await line.waitFor();
    expect(await line.innerText()).toMatch(/first 65\s536 of 90\s000 bytes.*varde query --quarantine --raw/);
  });

  test('the lamp says why, and the quarantine shows each refused line', async () => {
    const { page } = await stage().visit('/overview');
    await page.getByRole('button', { name: 'Health: alive' }).click();
    await page.getByRole('dialog', { name: 'Health' }).getByText('Lines are read and stored').waitFor();
    expect(await page.getByRole('dialog', { name: 'Health' }).locator('tbody tr').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.locator('.figure.warn').click();
    await page.waitForSelector('.refused li');
    expect(parameters(page).get('view')).toBe('quarantine');
    expect(await page.locator('.refused li').count()).toBe(7);
    expect(await page.locator('.refused').innerText()).toContain('<U+202E>');
    await page.locator('.chips button', { hasText: 'not_json' }).click();
    await until(
      'filtered by reason',
      () => page.locator('.refused li').count(),
      (count) => count === 2,
    );
    await page.getByRole('button', { name: 'Try all again' }).click();
    await page.locator('.toast', { hasText: 'tried again' }).waitFor();
    await page.keyboard.press('Escape');
    await page.waitForSelector('.totals');
  });

  test('the range picker knows presets, points and the zone', async () => {
    const { page } = await stage().visit('/overview');
    const button = page.getByRole('button', { name: /^Time range/ });
    expect(await button.innerText()).toContain('Europe/Oslo');
    await button.click();
    await page.getByRole('button', { name: '1 h', exact: true }).click();
    await until(
      'last hour',
      () => parameters(page).get('last'),
      (last) => last === '1h',
    );
    await button.click();
    await page.getByRole('textbox', { name: 'From' }).fill('2026-11-20T10:00:00');
    await page.getByRole('textbox', { name: 'To' }).fill('2026-11-20T09:00:00');
    expect(await page.getByRole('button', { name: 'Show this range' }).isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'To' }).fill('2026-11-20T11:00:00');
    await page.getByRole('button', { name: 'Show this range' }).click();
    await until(
      'the points',
      () => parameters(page).get('from'),
      (from) => from === '2026-11-20T09:00:00Z',
    );
    expect(parameters(page).get('to')).toBe('2026-11-20T10:00:00Z');
  });
});
