import { expect, test } from 'vitest';
import { startFakeStation } from './fake-station.ts';
import { sourceReport } from './fake/status.ts';
import { describeInBrowser, parameters, settled, until } from './setup.ts';

describeInBrowser('empty, partial and broken states', { events: 3000 }, (stage) => {
  test('nothing matches: says how many lie in the range, and drops the search on request', async () => {
    const { page } = await stage().visit('/events?q=rule.name:nothing');
    await page.getByText('No event matches the search').waitFor();
    await page.getByRole('button', { name: /without the search/ }).click();
    await settled(page);
    expect(parameters(page).get('q')).toBeNull();
  });

  test('nothing in the range: goes to the nearest events', async () => {
    const { page } = await stage().visit('/events?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z');
    await page.getByRole('button', { name: /Next event after/ }).click();
    await settled(page);
  });

  test.each([
    [
      { reason: 'not_configured', command: 'varde import /var/log/suricata/eve.json*' },
      /No log is being followed/,
      /varde import/,
    ],
    [{ reason: 'no_events', sources: [sourceReport(0, 0, Date.now())] }, /No events yet/, /eve\.json/],
    [
      {
        reason: 'source_unreadable',
        path: '/var/log/suricata/eve.json',
        message: 'EACCES: permission denied',
        remedy: 'Add this user to the group adm.',
      },
      /may not be read/,
      /group adm/,
    ],
    [
      {
        reason: 'none_in_range',
        nearest: { before: null, after: null },
        source_late: { path: '/var/log/eve.json', last_line: Date.now() - 7_200_000 },
      },
      /No event in this time range/,
      /late: the last line of/,
    ],
    [
      { reason: 'retention', oldest: Date.now() * 1000 - 86_400e6 },
      /have been removed/,
      /Retention keeps events since/,
    ],
  ] as const)('state %# is explained', async (why, title, words) => {
    const { station, visit } = stage();
    station.empty = why as never;
    const { page } = await visit('/events?q=zzzz');
    await page.getByRole('heading', { name: title }).waitFor();
    expect(await page.locator('.notice.empty').innerText()).toMatch(words);
    station.empty = null;
  });

  test('a long search tells how far it is, can be cancelled, and says then that something may be missing', async () => {
    const { station, visit } = stage();
    station.slow.segment = 400;
    const { page } = await visit('/events?q=event.action:dns');
    await page.getByText(/of 24 segments, newest first/).waitFor();
    await page.waitForSelector('.rows .row');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText(/cancelled after \d+ of 24 segments: older ones may be missing/).waitFor();
    expect(await page.locator('.rows .row').count()).toBeGreaterThan(0);

    // Old results stay, dimmed, until the first new ones come.
    station.slow.segment = 0;
    await page.keyboard.press('r');
    await settled(page);
    station.slow.answer = 1500;
    station.slow.segment = 300;
    await page.keyboard.press('r');
    await page.locator('.panel.strip.stale').waitFor();
    station.slow.answer = 0;
    station.slow.segment = 0;
    await settled(page);
  });

  test('counting that takes long says so, can be cancelled, and is asked again on request', async () => {
    const { station, visit } = stage();
    station.slow.answer = 20_000;
    const { page } = await visit('/overview');
    const working = page.locator('.working').filter({ hasText: 'Counting events' });
    await working.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled: counting events.').waitFor();
    station.slow.answer = 0;
    await page.getByRole('button', { name: 'Ask again' }).click();
    await page.waitForSelector('.totals');
    // The old answer stays, and is said to be from before, until one wants it no more.
    station.slow.answer = 20_000;
    await page.getByRole('button', { name: /^Time range/ }).click();
    await page.getByRole('button', { name: '1 h', exact: true }).click();
    await page.getByText(/what you see is from the one before/).waitFor();
    station.slow.answer = 0;
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Ask again' }).click();
    await until(
      'answered',
      () => page.locator('.overview.stale').count(),
      (count) => count === 0,
    );
    station.slow.answer = 20_000;
    await page.goto(`${station.url}/events?q=event.action:dns`);
    const strip = page.locator('.strip .working');
    await strip.getByRole('button', { name: 'Cancel' }).click();
    station.slow.answer = 0;
    await strip.getByRole('button', { name: 'Ask again' }).click();
    await page.getByRole('application', { name: /^Events over time/ }).waitFor();
  });

  test('an answer that may lack something says so on every page', async () => {
    const { station, visit } = stage();
    station.incomplete = true;
    const { page } = await visit('/overview');
    await page.getByText('Not everything could be searched: some events may be missing.').waitFor();
    await page.goto(`${station.url}/events`);
    await settled(page);
    await page.locator('.said', { hasText: 'not everything could be searched' }).waitFor();
    await page.getByRole('columnheader', { name: 'Type' }).getByRole('button').click();
    await page.getByRole('dialog', { name: 'Type' }).getByText('some events may be missing').waitFor();
    station.incomplete = false;
  });

  test('an error has its code, the remedy, details to copy and a way to try again', async () => {
    const { station, visit } = stage();
    station.fail.set('overview', {
      code: 'store_failed',
      message: 'The store failed: <b>disk</b>.',
      remedy: 'See the message.',
      details: { segment: 12 },
      status: 500,
    });
    const { page, context } = await visit('/overview');
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const notice = page.getByRole('alert').filter({ hasText: 'store_failed' });
    await notice.waitFor();
    expect(await notice.innerText()).toContain('The store failed: <b>disk</b>.');
    await notice.getByRole('button', { name: 'Copy details' }).click();
    await page.getByText('Details copied').waitFor();
    const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as Record<string, unknown>;
    expect(copied).toMatchObject({ code: 'store_failed', details: { segment: 12 }, version: '0.1.0' });
    station.fail.clear();
    await notice.getByRole('button', { name: 'Try again' }).click();
    await page.waitForSelector('.totals');
    await until(
      'the notice is gone',
      () => notice.count(),
      (count) => count === 0,
    );
  });

  test('a store that waits, a damaged segment and a blind source are said in plain words', async () => {
    const { station, visit } = stage();
    const report = sourceReport(3000, 0, Date.now());
    const { store } = (await (await fetch(`${station.url}/api/status`)).json()) as { store: object };
    station.status = {
      lamp: { state: 'blind', reason: 'Nothing has been read for 2 h.' },
      sources: [
        {
          ...report,
          problems: [
            {
              code: 'source_unreadable',
              message: 'eve.json may not be read.',
              remedy: 'Give this user read permission.',
            },
          ],
        },
      ],
      store: {
        ...store,
        waiting: { code: 'store_full', message: 'The disk is full.', since: Date.now() },
        set_aside: [{ name: 'seg-12', reason: 'bad checksum' }],
      } as never,
    };
    const { page } = await visit('/overview');
    await page.getByRole('button', { name: 'Health: blind' }).waitFor();
    await until(
      'title',
      () => page.title(),
      (title) => title.startsWith('BLIND'),
    );
    const text = await page.locator('main').innerText();
    expect(text).toContain('Give this user read permission.');
    expect(text).toContain('The disk is full.');
    expect(text).toContain('bad checksum');
    station.status = {};
  });

  test('a station without any event explains itself on the overview too', async () => {
    const empty = await startFakeStation({ events: [], web: stage().web });
    const { page } = await stage().visit(empty.url);
    await page.getByText('No events yet').waitFor();
    await page.getByRole('region', { name: 'Sources' }).first().waitFor();
    await page.close();
    await empty.stop();
  });
});
