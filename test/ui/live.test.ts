import { expect, test } from 'vitest';
import { startFakeStation } from './fake-station.ts';
import { describeInBrowser, numberIn, parameters, settled, until } from './setup.ts';

describeInBrowser('the live end of the list', { events: 3000 }, (stage) => {
  test('paused: new events wait above with a count and come in when asked', async () => {
    const { page } = await stage().visit('/events');
    await settled(page);
    const first = await page.locator('#row-0').innerText();
    stage().station.add(7);
    const button = page.getByRole('button', { name: '↑ 7 new' });
    await button.waitFor();
    expect(await page.locator('#row-0').innerText()).toBe(first);
    await page.mouse.move(5, 400);
    await page.keyboard.press('n');
    await until(
      'they are in',
      () => page.locator('#row-0').innerText(),
      (text) => text !== first,
    );
    expect(await page.locator('.waiting').count()).toBe(0);
  });

  test('live: they come in by themselves, but never under the pointer, further down, or with an event open', async () => {
    const { page } = await stage().visit('/events');
    await settled(page);
    await page.mouse.move(5, 400);
    await page.keyboard.press('p');
    await until(
      'live',
      () => parameters(page).get('live'),
      (live) => live === '1',
    );
    const top = (): Promise<string> => page.locator('#row-0').innerText();
    let before = await top();
    stage().station.add(3);
    await until('in by themselves', top, (text) => text !== before);

    const box = (await page.locator('.table').boundingBox())!;
    await page.mouse.move(box.x + 200, box.y + 200);
    before = await top();
    stage().station.add(4);
    await page.getByRole('button', { name: '↑ 4 new' }).waitFor();
    expect(await top()).toBe(before);
    await page.mouse.move(5, 400);
    await until('in as soon as the pointer left', top, (text) => text !== before);

    await page.locator('.table').evaluate((element) => element.scrollTo(0, 2800));
    const sight = page.locator('.rows .row').nth(20);
    await until(
      'scrolled',
      () => sight.getAttribute('data-row'),
      (row) => Number(row) > 20,
    );
    const id = await sight.innerText();
    stage().station.add(5);
    await page.getByRole('button', { name: '↑ 5 new' }).waitFor();
    expect(await sight.innerText()).toBe(id);
    await page.getByRole('button', { name: '↑ 5 new' }).click();
    await until(
      'at the top again',
      () => page.locator('.table').evaluate((element) => element.scrollTop),
      (at) => at === 0,
    );
  });

  test.each(['', '?sort=oldest'])('the first events of an empty store appear by themselves%s', async (how) => {
    const empty = await startFakeStation({ events: [], web: stage().web });
    const { page } = await stage().visit(`${empty.url}/events${how}`);
    await page.getByText('No events yet').waitFor();
    empty.add(1);
    await page.waitForSelector('.rows .row');
    expect(await page.getByText('No events yet').count()).toBe(0);
    await page.close();
    await empty.stop();
  });

  test('what is read of an older time is no news of the last five minutes', async () => {
    const { page } = await stage().visit('/events?last=5m');
    await page.waitForSelector('.list-line');
    await until(
      'the search ends',
      () => page.locator('.said .busy').count(),
      (busy) => busy === 0,
    );
    stage().station.add(9, 3_600_000);
    stage().station.add(2);
    await page.getByRole('button', { name: '↑ 2 new' }).waitFor();
  });

  test('only what matches comes, and a range with an end has no live list', async () => {
    const { page } = await stage().visit('/events?q=event.action:nothing');
    await page.getByText('No event matches the search').waitFor();
    stage().station.add(20);
    const { page: fixed } = await stage().visit('/events?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z');
    await fixed.getByText('No event in this time range').waitFor();
    expect(await fixed.getByRole('button', { name: 'Go live' }).isDisabled()).toBe(true);
    expect(await page.locator('.waiting').count()).toBe(0);
    expect(numberIn(await page.locator('.said b').innerText())).toBe(0);
  });

  test('a station that goes away is told at once, and its return is found', async () => {
    const { page } = await stage().visit('/events');
    await settled(page);
    await page.context().setOffline(true);
    stage().station.drop();
    await page.getByText('The station has not answered since').waitFor();
    await page.getByRole('button', { name: 'Health: unknown' }).waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Health: alive' }).waitFor();
    await page.getByRole('button', { name: /New events may have come/ }).click();
    await settled(page);
  });
});
