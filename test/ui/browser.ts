import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Debian's browser; another one can be named. */
export const CHROMIUM = process.env['VARDE_CHROMIUM'] ?? '/usr/bin/chromium';

/** Null where the browser is there; else why the tests that need it are skipped. In CI a missing browser is a failure. */
export function missingBrowser(): string | null {
  if (existsSync(CHROMIUM) || process.env['CI'] === 'true') return null;
  return `no browser at ${CHROMIUM} (set VARDE_CHROMIUM)`;
}

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync', '--no-first-run'],
  });
}

export interface Opened {
  context: BrowserContext;
  page: Page;
  /** Errors and warnings of the page, dialogs, and requests to anywhere else: must stay empty. */
  complaints: string[];
  /** Answers of the station with an error's status, as `400 /api/…`. */
  refused: string[];
}

export interface OpenOptions {
  width?: number;
  height?: number;
  dark?: boolean;
  /** For injected checks such as axe; everything else runs under the station's CSP. */
  bypassCSP?: boolean;
}

/** A fresh page that writes down whatever it should not do. */
export async function open(browser: Browser, url: string, options: OpenOptions = {}): Promise<Opened> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    colorScheme: options.dark ? 'dark' : 'light',
    bypassCSP: options.bypassCSP ?? false,
    acceptDownloads: true,
    locale: 'en-GB',
    timezoneId: 'Europe/Oslo',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const origin = new URL(url).origin;
  const refused: string[] = [];
  page.on('response', (response) => {
    if (response.status() >= 400) refused.push(`${response.status()} ${response.url().slice(origin.length)}`);
  });
  page.on('console', (message) => {
    // The browser writes down each failed answer; those are kept apart, with their address.
    if (message.text().startsWith('Failed to load resource')) return;
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`page error: ${error.stack ?? error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('popup', () => complaints.push('popup'));
  page.on('request', (request) => {
    const to = request.url();
    if (!to.startsWith(origin) && !to.startsWith('data:') && !to.startsWith('blob:'))
      complaints.push(`request to ${to}`);
  });
  await page.goto(url);
  return { context, page, complaints, refused };
}
