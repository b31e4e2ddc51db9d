import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { keysFile, openAs, statusOf } from './support/keys';
import { everything, personIn } from './support/people';
import { expect, expectAccessible, expectFits, open, test } from './support/test';
import { required } from './support/worker';

const sample = (name: string) => join(required('SAMPLES_DIR'), name);
const boxes = (page: Page) => page.locator('.frame-box');
const fileInput = (page: Page) => page.locator('.drop input[type=file]');

/** Puts a file where somebody drops or pastes one. */
async function give(page: Page, how: 'drop' | 'paste', name: string): Promise<void> {
  const bytes = (await readFile(sample(name))).toString('base64');
  await page.evaluate(
    ([how, name, bytes]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(bytes), (sign) => sign.charCodeAt(0))], name, { type: 'image/jpeg' }));
      const target = how === 'drop' ? document.querySelector('.drop') : document.body;
      const options = { bubbles: true, cancelable: true };
      target?.dispatchEvent(
        how === 'drop' ? new DragEvent('drop', { ...options, dataTransfer: data }) : new ClipboardEvent('paste', { ...options, clipboardData: data }),
      );
    },
    [how, name, bytes] as const,
  );
}

test('describes a chosen photo with candidates, tags and times, and stores nothing', async ({ page, worker }) => {
  const before = await everything(worker);
  const obama = await personIn(worker, 'album/obama-1.jpg');
  await open(page, '/try');
  await expect(page.getByText('Nothing is stored')).toBeVisible();
  await expectAccessible(page);
  await fileInput(page).setInputFiles(sample('obama2.jpg'));
  await expect(boxes(page)).toHaveCount(1);
  await expect(page.locator('.frame-photo > img')).toBeVisible();
  await expect(page.locator('.try-phrase')).toContainText('Potret');

  // The most similar people of the seed are the same man.
  const candidates = page.getByRole('list', { name: 'Candidates' }).getByRole('link');
  expect(await candidates.count()).toBeGreaterThan(2);
  const ids = await candidates.evaluateAll((all) => all.slice(0, 3).map((one) => one.getAttribute('href')?.split('/').at(-1)));
  expect(ids).toContain(obama);
  await expect(candidates.first().locator('img')).toBeVisible();
  await expect(candidates.first()).toContainText('%');

  const reason = (await page.locator('.try-faces .try-who p').nth(1).textContent()) ?? '';
  expect(reason.length).toBeGreaterThan(10);
  await boxes(page).hover();
  await expect(page.locator('.frame-detail')).toContainText(reason);
  await expect(page.locator('.scores-name', { hasText: /^portrait$/ })).toBeVisible();
  await expect(page.locator('.facts', { hasText: 'Networks' })).toContainText('ms');
  await page.getByText('The answer as JSON').click();
  await expect(page.locator('pre')).toContainText('"scored_tags"');
  await expectAccessible(page);
  await expectFits(page);

  expect(await everything(worker)).toEqual(before);
  const { files } = await worker.call<{ files: unknown[] }>('GET', '/api/files?limit=1000').catch(() => ({ files: [] }));
  expect(JSON.stringify(files)).not.toContain('obama2');
});

test('takes a photo that is dropped or pasted, and one that nobody is in', async ({ page }) => {
  await open(page, '/try');
  await give(page, 'drop', 't1.jpg');
  await expect(boxes(page)).toHaveCount(6);
  await give(page, 'paste', 'coffee.png');
  await expect(page.getByText('No face was found.')).toBeVisible();
  await expect(boxes(page)).toHaveCount(0);
});

test('takes an address, which the worker alone fetches', async ({ page }) => {
  await open(page, '/try');
  await page.getByLabel(/Or the address/).fill(`${process.env['CONSOLE_PHOTOS']}/biden.jpg`);
  await page.getByRole('button', { name: 'Describe', exact: true }).click();
  await expect(boxes(page)).toHaveCount(1);
  await expect(page.getByText('boxes stand in for the photo at that address')).toBeVisible();
  await expect(page.locator('.frame-photo > img')).toHaveCount(0);
});

test.describe('what is no photo', () => {
  test.use({ expected: [/415|422/] });

  test('is answered with the reason', async ({ page }) => {
    await open(page, '/try');
    await fileInput(page).setInputFiles({ name: 'words.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no photo at all') });
    await expect(page.getByRole('alert')).toContainText('photo_');
    await fileInput(page).setInputFiles(sample('biden.jpg'));
    await expect(boxes(page)).toHaveCount(1);
    await expect(page.getByRole('alert')).toHaveCount(0);
  });
});

test('compares two photos, face by face', async ({ page }) => {
  await open(page, '/try');
  await page.getByRole('button', { name: 'Compare two photos' }).click();
  await fileInput(page).nth(0).setInputFiles(sample('obama.jpg'));
  await fileInput(page).nth(1).setInputFiles(sample('obama2.jpg'));
  await expect(page.getByText('Probably the same person')).toBeVisible();
  await expect(boxes(page)).toHaveCount(2);
  await fileInput(page).nth(1).setInputFiles(sample('t1.jpg'));
  await expect(page.getByText('Probably different people')).toBeVisible();
  await expect(page.locator('.matrix tbody td')).toHaveCount(6);
  await expect(page.locator('.matrix .crop img').first()).toBeVisible();
  await expectAccessible(page);
  await expectFits(page);
  await fileInput(page).nth(1).setInputFiles(sample('coffee.png'));
  await expect(page.getByText('one of the photos has no face')).toBeVisible();
});

test.describe('with keys', () => {
  test.use({ settings: { API_KEYS_FILE: keysFile(), API_KEY: 'a-key-of-the-test-itself-1234567890' }, expected: [/40[13]/] });

  test('a key of the role process may try nothing, one of the role curate may', async ({ page }) => {
    await openAs(page, 'process', '/try');
    await expect(page.getByText('You may not see this')).toBeVisible();
    await expect(page.locator('.drop')).toHaveCount(0);
    const url = `${process.env['CONSOLE_PHOTOS']}/biden.jpg`;
    expect(await statusOf(page, 'POST', 'api/identify', 'process', { image_url: url })).toBe(403);
    expect(await statusOf(page, 'POST', 'api/compare', 'process', { image_urls: [url, url] })).toBe(403);
    expect(await statusOf(page, 'POST', 'api/identify', 'curate', { image_url: url })).toBe(200);
    await page.getByRole('button', { name: /Use another key/ }).click();
    await openAs(page, 'curate', '/try');
    await expect(page.locator('.drop')).toBeVisible();
  });
});
