/** `test` with a worker of its own, and a page that must neither complain nor call anybody else. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { seededData, startWorker, type Worker } from './worker';

interface Fixtures {
  /** Settings of the worker beside those of every test. */
  settings: Record<string, string>;
  worker: Worker;
  /** Complaints of the page that the test expects, as the browser puts them. */
  expected: RegExp[];
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** With `CONSOLE_DIST` the files of that folder take the place of those in the binary, which then need not be built anew. */
async function serveFrom(folder: string, page: Page): Promise<void> {
  await page.route('**/console/**', async (route) => {
    const name = new URL(route.request().url()).pathname.split('/console/')[1] || 'index.html';
    const body = await readFile(join(folder, name));
    const contentType = TYPES[extname(name)] ?? 'application/octet-stream';
    await route.fulfill({ body, contentType, headers: { 'Content-Security-Policy': POLICY } });
  });
}

export const test = base.extend<Fixtures>({
  settings: [{}, { option: true }],
  expected: async ({}, use) => use([]),
  worker: async ({ settings }, use) => {
    const { data, remove } = await seededData();
    const worker = await startWorker(data, settings);
    await use(worker);
    await worker.stop();
    await remove();
  },
  baseURL: async ({ worker }, use) => use(`${worker.url}/console/`),
  page: async ({ page, worker, expected }, use) => {
    const complaints: string[] = [];
    const elsewhere: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(`${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${worker.url}/`) && !request.url().startsWith('blob:')) elsewhere.push(request.url());
    });
    const folder = process.env['CONSOLE_DIST'];
    if (folder) await serveFrom(folder, page);
    await use(page);
    expect(elsewhere, 'requests to other hosts').toEqual([]);
    expect(
      complaints.filter((complaint) => !expected.some((pattern) => pattern.test(complaint))),
      'what the browser complained of',
    ).toEqual([]);
  },
});

export { expect };

/** Opens a view: `path` is what stands after `#`. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(`#${path}`);
  await page.locator('h1').first().waitFor();
}

/** No serious violation of what axe-core checks, in the light scheme and in the dark one. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    // Colours that are still on their way from one scheme to the other have no contrast yet.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => setTimeout(shown, 50))));
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations
      .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
      .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(' ')}`);
    expect(serious, colorScheme).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

/** Nothing is cut off or scrolls sideways on a narrow phone. */
export async function expectFits(page: Page): Promise<void> {
  await page.setViewportSize({ width: 360, height: 740 });
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(beyond, 'pixels beyond the window').toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1280, height: 800 });
}
