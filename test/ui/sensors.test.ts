import { expect, test } from 'vitest';
import { chainReport, sensorsAnswer } from './fake/sensors.ts';
import { describeInBrowser, parameters, until } from './setup.ts';

describeInBrowser('the sensors', { events: 500 }, (stage) => {
  test('shows at once which hop of which sensor broke, why, and what to do', async () => {
    const { page } = await stage().visit('/sensors');
    const sick = page.getByRole('region', { name: 'Sensor attic' });
    await sick.waitFor();
    const row = await sick.innerText();
    expect(row).toMatch(/attic\s+blind/);
    expect(row).toContain('no rule for them is loaded');
    expect(row).toContain('varde probe rules');
    // Told in words, not by colour alone.
    const way = sick.getByRole('list', { name: 'Way of the heartbeat through attic' });
    const hops = (await way.locator('li').allTextContents()).map((text) => text.trim());
    expect(hops[4]).toBe('alerted: blind, it breaks here');
    expect(hops.filter((hop) => hop.includes('breaks here'))).toHaveLength(1);
    expect(hops[0]).toBe('sent: alive');
    // Shapes differ, too.
    const shape = (index: number) => way.locator('li').nth(index).locator('path').getAttribute('d');
    expect(new Set([await shape(0), await shape(4), await shape(5)]).size).toBe(3);
    expect(await page.getByRole('region', { name: 'Sensor cellar' }).innerText()).toMatch(/cellar\s+alive/);
    expect(await page.getByRole('status').first().innerText()).toContain('3 sensors · 1 blind · 1 unknown · 1 alive');
    expect(await page.getByRole('region', { name: 'Notifications' }).innerText()).toContain('admin, phone');
  });

  test('shows the streams of routers as the first hop', async () => {
    const { page } = await stage().visit('/sensors');
    const streams = page.getByRole('region', { name: 'Router streams' });
    await streams.waitFor();
    expect(await streams.innerText()).toMatch(/Router streams\s+blind/);
    expect(await streams.innerText()).toContain('The router 192.168.89.1 stopped streaming');
    const routers = streams.getByRole('region', { name: 'Routers' });
    expect(await routers.locator('tbody tr').count()).toBe(2);
    expect(await routers.innerText()).toContain('3 empty frame');
    expect(await streams.getByRole('region', { name: 'Outputs' }).innerText()).toContain('1500, needs 1518');
    expect(await streams.innerText()).toContain('17 datagrams of 203.0.113.9');
    // From the second answer on there is a rate.
    await until(
      'a rate is shown',
      () => routers.locator('tbody tr').first().innerText(),
      (text) => /\d\/s/.test(text),
    );
  });

  test('tells how to begin where no router streams, and shows nothing where none is asked for', async () => {
    const { station, visit } = stage();
    const { tzsp } = sensorsAnswer(Date.now());
    station.sensors = (now) => ({
      ...sensorsAnswer(now),
      tzsp: { ...tzsp!, routers: [], outputs: [] },
      tzsp_problems: [],
    });
    const { page } = await visit('/sensors');
    const streams = page.getByRole('region', { name: 'Router streams' });
    await streams.waitFor();
    expect(await streams.innerText()).toContain('varde tzsp setup');
    expect(await streams.innerText()).toContain('frames are only counted');
    station.sensors = (now) => ({ ...sensorsAnswer(now), tzsp: null, tzsp_problems: [] });
    await until(
      'it is gone',
      () => streams.count(),
      (count) => count === 0,
    );
    station.sensors = sensorsAnswer;
  });

  test('unfolds to each kind with evidence, numbers and plots; the address keeps it', async () => {
    const { page } = await stage().visit('/sensors');
    await page.getByRole('button', { name: 'attic' }).click();
    const beats = page.getByRole('list', { name: 'Heartbeats of attic' });
    await beats.waitFor();
    expect(await beats.locator('> li').count()).toBe(3);
    await beats.getByRole('button', { name: /^icmp/ }).click();
    const evidence = page.getByRole('region', { name: 'Hops of attic icmp' });
    await evidence.waitFor();
    expect(await evidence.locator('tr.broken').innerText()).toContain('no alert of sid 5100001');
    const numbers = page.getByRole('region', { name: 'Loss and latency of attic icmp' });
    expect(await numbers.innerText()).toMatch(/5.m\s+30\s+25\s+83.3.%/);
    expect(await beats.innerText()).toContain('Never came: 8617–8640, 7114, 6020–6031');
    expect(await beats.innerText()).toContain('2 replayed, 14 doubled');
    expect(parameters(page).get('view')).toBe('attic');
    expect(parameters(page).get('tab')).toBe('attic/icmp');
    await page.reload();
    await evidence.waitFor();
    await page.getByRole('application', { name: /^Probes of attic icmp/ }).waitFor();
    await page.getByRole('button', { name: 'Latency of attic icmp, p95: show as table' }).click();
    const table = page.getByRole('region', { name: 'Latency of attic icmp, p95 as table' });
    expect(await table.locator('tbody tr').count()).toBeGreaterThan(100);
    // A gap in the data is said to be one.
    expect(await table.innerText()).toContain('none');
    const health = page.getByRole('region', { name: 'Suricata of attic' });
    expect(await health.innerText()).toContain('larger ring');
    expect(await health.innerText()).toMatch(/Rules\s+41 loaded · 2 failed/);
    await page.getByRole('button', { name: 'attic', exact: true }).click();
    await until(
      'it is folded',
      () => beats.count(),
      (count) => count === 0,
    );
    await page.goBack();
    await beats.waitFor();
  });

  test('the arrow keys read the line chart', async () => {
    const { page } = await stage().visit('/sensors?view=cellar&tab=lan%2Fdns');
    const plot = page.getByRole('application', { name: /^Latency of lan dns/ });
    await plot.focus();
    await page.keyboard.press('End');
    const chart = page.getByRole('region', { name: 'Latency of lan dns, p95', exact: true });
    const last = await until(
      'a value is read',
      () => chart.locator('.when').innerText(),
      (text) => text.includes('ms'),
    );
    await page.keyboard.press('ArrowLeft');
    await until(
      'another one',
      () => chart.locator('.when').innerText(),
      (text) => text.includes('ms') && text !== last,
    );
  });

  test('g s leads there, and the lamp does', async () => {
    const { page } = await stage().visit('/overview');
    await page.waitForSelector('.totals');
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.getByRole('heading', { name: 'Sensors' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/sensors');
    expect(await page.title()).toBe('Sensors · Varde');
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await page.waitForSelector('.rows .row');
    await page.getByRole('button', { name: /^Health/ }).click();
    await page.getByRole('link', { name: 'Sensors and their heartbeat' }).click();
    await page.getByRole('heading', { name: 'Sensors' }).waitFor();
  });

  test('follows a change by itself', async () => {
    const { station, visit } = stage();
    const { page } = await visit('/sensors');
    const cellar = page.getByRole('region', { name: 'Sensor cellar' });
    await cellar.getByText('alive', { exact: true }).first().waitFor();
    const before = station.sensors;
    station.sensors = (now) => {
      const answer = before(now);
      const chain = chainReport({
        kind: 'icmp',
        now,
        state: 'blind',
        hop: 'captured',
        message: 'The capture interface has no link.',
        remedy: 'See the cable.',
      });
      Object.assign(answer.sensors[1]!, { state: 'blind', chains: [chain] });
      return answer;
    };
    station.status = { lamp: { state: 'blind', reason: 'cellar: The capture interface has no link.' } };
    await cellar.getByText('The capture interface has no link.').waitFor();
    await page.getByRole('button', { name: 'Health: blind' }).waitFor();
    expect(await page.title()).toBe('BLIND · Sensors · Varde');
    station.sensors = before;
    station.status = {};
    await cellar.getByText('alive', { exact: true }).first().waitFor();
  });

  test('without a heartbeat it says exactly what to write', async () => {
    const { station, visit } = stage();
    station.sensors = (now) => {
      const answer = sensorsAnswer(now);
      return {
        ...answer,
        sensors: [{ ...answer.sensors[1]!, name: 'sensor', state: 'unknown', chains: [] }],
        notify: { channels: [], pending: 0, last: null },
      };
    };
    const { page, context } = await visit('/sensors');
    await page.getByRole('heading', { name: 'No heartbeat is sent yet' }).waitFor();
    const text = await page.locator('main').innerText();
    expect(text).toContain('/etc/varde/varde.yaml');
    expect(text).toContain('varde probe rules');
    expect(text).toContain('notify.channels');
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy' }).first().click();
    await page.getByText('Config copied').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('kinds: [icmp, dns]');
    // What Suricata says of itself is there all the same.
    await page.getByRole('region', { name: 'Suricata of sensor' }).waitFor();
    station.sensors = sensorsAnswer;
  });

  test('an error has its code and a way to try again', async () => {
    const { station, visit } = stage();
    station.fail.set('sensors', {
      code: 'internal',
      message: 'A <b>defect</b>.',
      remedy: 'Report it.',
      details: {},
      status: 500,
    });
    const { page } = await visit('/sensors');
    const notice = page.getByRole('alert').filter({ hasText: 'internal' });
    await notice.waitFor();
    expect(await notice.innerText()).toContain('A <b>defect</b>.');
    station.fail.clear();
    await notice.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('region', { name: 'Sensor cellar' }).waitFor();
  });

  test('the demo has a button that breaks and mends a hop', async () => {
    const { station, visit } = stage();
    station.sensors = (now) => ({ ...sensorsAnswer(now), demo: { broken: false } });
    const { page } = await visit('/sensors');
    await page.getByRole('button', { name: 'Demo: break a hop' }).click();
    await page.getByRole('button', { name: 'Demo: mend the hop' }).waitFor();
    station.sensors = sensorsAnswer;
    await until(
      'no button outside of the demo',
      () => page.getByRole('button', { name: /^Demo/ }).count(),
      (count) => count === 0,
    );
  });

  test('what a log or a sensor says is text', async () => {
    const { station, visit } = stage();
    const evil = '<img src=x onerror=alert(1)>\u202E\u001b[31m';
    station.sensors = (now) => {
      const answer = sensorsAnswer(now);
      const sensor = answer.sensors[0]!;
      sensor.message = evil;
      sensor.health.version = evil;
      sensor.health.problems = [{ code: evil, message: evil, remedy: evil }];
      Object.assign(sensor.chains[0]!, { message: evil, remedy: evil, target: evil, refused: { [evil]: 3 } });
      for (const hop of sensor.chains[0]!.hops) hop.evidence = [evil];
      answer.notify.last!.message = evil;
      return answer;
    };
    const { page, complaints } = await visit('/sensors?view=attic&tab=attic%2Ficmp');
    await page.getByRole('region', { name: 'Hops of attic icmp' }).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.locator('main').innerText()).toContain('<U+202E>');
    expect(complaints).toEqual([]);
    station.sensors = sensorsAnswer;
  });
});
