import type { Page } from '@playwright/test';
import { keysFile, openAs, statusOf } from './support/keys';
import { expect, expectAccessible, expectFits, open, test } from './support/test';

// Photos are described, by a debug build on few cores, as a rule.
test.slow();

const chart = (page: Page, title: string) => page.locator('.chart').filter({ hasText: title });

test('shows device, store, evidence, models and the load over time', async ({ page, worker }) => {
  const health = await worker.call<{ vector_store: { faces: number; clusters: number }; device: { rejected: { reason: string }[] } }>('GET', '/health');
  await open(page, '/health');
  await expect(page.getByText('It is well')).toBeVisible();
  await expect(page.getByText(health.device.rejected[0]?.reason ?? '-')).toBeVisible();
  const store = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Store', exact: true }) });
  await expect(store).toContainText(String(health.vector_store.faces));
  await expect(store).toContainText(String(health.vector_store.clusters));
  await expect(page.getByRole('region', { name: 'Models' }).getByRole('row')).not.toHaveCount(1);

  await expect(chart(page, 'Photos being processed')).toContainText(/0 of \d/);
  await expect(chart(page, 'Memory')).toContainText(/\d MB/);
  await worker.call('POST', '/api/process', { file_id: 'new', image_url: `${process.env['CONSOLE_PHOTOS']}/biden.jpg` });
  await expect(chart(page, 'Time of a photo').locator('.chart-now')).toContainText(/\d ms/);
  await expect(chart(page, 'Photos per second').locator('.chart-now')).not.toHaveText(/^(0|–)$/);
  await expect(chart(page, 'Photos per second').locator('.chart-line')).toHaveAttribute('d', /M.*L/);
  await expectAccessible(page);
  await expectFits(page);
});

test('asks for nothing while nobody looks at the page', async ({ page }) => {
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/metrics')) asked += 1;
  });
  await open(page, '/health');
  await expect.poll(() => asked).toBeGreaterThan(1);
  const look = (state: DocumentVisibilityState) =>
    page.evaluate((state) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  await look('hidden');
  const before = asked;
  await page.waitForTimeout(7_000);
  expect(asked).toBe(before);
  await look('visible');
  await expect.poll(() => asked).toBeGreaterThan(before);
});

test.describe('failures', () => {
  test('are listed with their reason', async ({ page, worker }) => {
    const image_url = `${process.env['CONSOLE_PHOTOS']}/no-such-photo.jpg`;
    await expect(worker.call('POST', '/api/process', { file_id: 'album/missing.jpg', image_url })).rejects.toThrow('422');
    await open(page, '/health');
    const row = page.getByRole('region', { name: 'Recent failures, the latest first' }).getByRole('row').nth(1);
    await expect(row).toContainText('photo_not_available');
    await expect(row.getByRole('link', { name: 'album/missing.jpg' })).toBeVisible();
    await expect(chart(page, 'Failed photos per minute')).toBeVisible();
    await expectAccessible(page);
  });
});

test('lists a batch as a job', async ({ page, worker }) => {
  const response = await fetch(`${worker.url}/api/process/batch`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      photos: ['biden.jpg', 'no-such-photo.jpg'].map((name) => ({ file_id: `batch/${name}`, image_url: `${process.env['CONSOLE_PHOTOS']}/${name}` })),
    }),
  });
  await response.text();
  await open(page, '/health');
  const row = page.getByRole('region', { name: 'Jobs, running ones first' }).getByRole('row').nth(1);
  await expect(row).toContainText('Batch of photos');
  await expect(row).toContainText('Done');
  await expect(row).toContainText('2 of 2');
  await expect(row).toContainText('1 failed');
});

test('shows whom consolidation would merge, and merges nobody', async ({ page, worker }) => {
  const count = async () => (await worker.call<{ vector_store: { clusters: number } }>('GET', '/health')).vector_store.clusters;
  const before = await count();
  await open(page, '/health');
  await page.getByRole('button', { name: 'What would consolidation merge?' }).click();
  await expect(page.getByText(/merges? (is|are) proposed. Nothing was done./)).toBeVisible();
  await expect(page.locator('.dry-run-merges img').first()).toBeVisible();
  await expectAccessible(page);
  expect(await count()).toBe(before);
  await page.getByRole('link', { name: 'Answer them one by one' }).click();
  await expect(page).toHaveURL(/#\/pairs$/);
});

test.describe('with keys', () => {
  test.use({ settings: { API_KEYS_FILE: keysFile(), API_KEY: 'a-key-of-the-test-itself-1234567890' }, expected: [/40[13]/] });

  test('an administrator backs up and verifies the store', async ({ page }) => {
    await openAs(page, 'admin', '/health');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await expect(page.getByText('Latest backup')).toBeVisible();
    await expect(page.locator('.store-job').first()).toContainText(/\d+ faces of \d+ people in \d+ photos/);
    await page.getByRole('button', { name: 'Verify the store' }).click();
    await expect(page.getByText('The store is sound.')).toBeVisible();
    const jobs = page.getByRole('region', { name: 'Jobs, running ones first' });
    await expect(jobs.getByRole('row').filter({ hasText: 'Backup' })).toContainText('Done');
    await expect(jobs.getByRole('row').filter({ hasText: 'Verification' })).toContainText('Done');
    await expectAccessible(page);
  });

  test('lesser keys see less, and the server refuses the rest', async ({ page }) => {
    await openAs(page, 'process', '/health');
    await expect(page.getByText('It is well')).toBeVisible();
    await expect(page.getByText('No job has run since the worker was started.')).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Recent failures' })).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Back up now' })).toHaveCount(0);
    await expect(page.getByRole('button', { name: /consolidation/ })).toHaveCount(0);
    expect(await statusOf(page, 'GET', 'api/failures', 'process')).toBe(403);
    expect(await statusOf(page, 'POST', 'api/clusters/consolidate', 'process', { dry_run: true })).toBe(403);
    expect(await statusOf(page, 'POST', 'api/store/backup', 'curate')).toBe(403);
    expect(await statusOf(page, 'GET', 'api/jobs', 'process')).toBe(200);
    await page.getByRole('button', { name: /Use another key/ }).click();
    await openAs(page, 'curate', '/health');
    await expect(page.getByRole('heading', { name: 'Recent failures' })).toBeVisible();
    await expect(page.getByRole('button', { name: /consolidation/ })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Back up now' })).toHaveCount(0);
  });
});
