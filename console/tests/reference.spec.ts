import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, expectAccessible, expectFits, test } from './support/test';

/** `/docs`, which the binary brings along as it does the console. */
const KEY = 'a-key-of-the-test-itself-1234567890';
test.use({ settings: { API_KEY: KEY }, expected: [/401|404/] });

test.beforeEach(async ({ page }) => {
  await page.goto('../docs');
  await expect(page.locator('.call').first()).toBeVisible();
});

test('is tried with the keyboard alone: a key, a call, its answer', async ({ page, worker }) => {
  const call = page.locator('#list_clusters');
  await page.keyboard.press('/');
  await expect(page.getByLabel('Filter')).toBeFocused();
  await page.keyboard.type('list clusters');
  await expect(page.locator('#process_photo')).toBeHidden();
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Key')).toBeFocused();
  await page.keyboard.type(KEY);
  await call.locator('summary').focus();
  await page.keyboard.press('Enter');
  await call.getByLabel('limit query').focus();
  await page.keyboard.type('1');
  await page.keyboard.press('Enter');
  await expect(call.locator('.status')).toHaveText('200 OK');
  const { clusters } = JSON.parse(await call.getByLabel('Answer', { exact: true }).innerText());
  expect(clusters).toHaveLength(1);
  const command = await call.getByLabel('Command', { exact: true }).innerText();
  expect(command).toBe(`curl '${worker.url}/api/clusters?limit=1' \\\n  -H "X-API-Key: $API_KEY"`);
});

test('sends bodies, shows pictures, and problems as well', async ({ page, worker }) => {
  const { faces } = await worker.call<{ faces: { face_id: string }[] }>('GET', '/api/files/album%2Fbiden.jpg');
  const [face] = faces;
  if (!face) throw new Error('there is no face');
  const picture = page.locator('#get_face_thumbnail');
  await picture.locator('summary').click();
  await picture.getByRole('button', { name: 'Send' }).click();
  await expect(picture.locator('.answer')).toHaveText('Fill in face_id.');
  await picture.getByLabel('face_id path').fill(face.face_id);
  await picture.getByRole('button', { name: 'Send' }).click();
  await expect(picture.locator('.status')).toHaveText('401 Unauthorized');
  await page.getByLabel('Key', { exact: true }).fill(KEY);
  await picture.getByRole('button', { name: 'Send' }).click();
  await expect(picture.getByRole('img')).toHaveJSProperty('complete', true);
  expect(await picture.getByRole('img').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(50);

  const move = page.locator('#move_face');
  await move.locator('summary').click();
  await move.getByLabel('face_id path').fill(face.face_id);
  await move.getByLabel('Body application/json').fill('{"cluster_id": "00000000-0000-4000-8000-000000000000"}');
  await move.getByRole('button', { name: 'Send' }).click();
  await expect(move.locator('.status')).toHaveText('404 Not Found');
  await expect(move.getByLabel('Answer', { exact: true })).toContainText('unknown_cluster');
});

test('sends a file, which the command names', async ({ page }) => {
  const file = join(tmpdir(), `ai-worker-no-component-${process.pid}.wasm`);
  await writeFile(file, 'no component');
  const swap = page.locator('#swap_plugin');
  await swap.locator('summary').click();
  await expect(swap.getByLabel('Command', { exact: true })).toContainText('--data-binary @FILE');
  await swap.getByLabel('Body application/wasm').setInputFiles(file);
  await expect(swap.getByLabel('Command', { exact: true })).toContainText(`--data-binary @ai-worker-no-component`);
  await rm(file);
});

test('deletes only what is asked for twice', async ({ page }) => {
  const remove = page.locator('#delete_file');
  await page.getByLabel('Key', { exact: true }).fill(KEY);
  await remove.locator('summary').click();
  await remove.getByLabel('file_id path').fill('album/coffee.png');
  page.once('dialog', (dialog) => dialog.dismiss());
  await remove.getByRole('button', { name: 'Send' }).click();
  await expect(remove.locator('.answer')).toBeEmpty();
  page.once('dialog', (dialog) => dialog.accept());
  await remove.getByRole('button', { name: 'Send' }).click();
  await expect(remove.locator('.status')).toHaveClass(/good/);
});

test('keeps the key in memory only, and never in a command', async ({ page }) => {
  await page.getByLabel('Key', { exact: true }).fill(KEY);
  await page.locator('#list_clusters > summary').click();
  await expect(page.locator('#list_clusters').getByLabel('Command', { exact: true })).not.toContainText(KEY);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));
  expect(kept).not.toContain(KEY);
  await page.reload();
  await expect(page.getByLabel('Key', { exact: true })).toHaveValue('');
});

test('copies a command', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const call = page.locator('#get_health');
  await call.locator('summary').click();
  await call.getByRole('button', { name: 'Copy' }).click();
  await expect(call.getByRole('button', { name: 'Copied' })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await call.getByLabel('Command', { exact: true }).innerText());
});

test('has all calls, opens the one that the address names, and is accessible', async ({ page, worker }) => {
  const document = (await (await fetch(`${worker.url}/openapi.json`)).json()) as { paths: Record<string, object> };
  const calls = Object.values(document.paths).flatMap((methods) => Object.keys(methods));
  await expect(page.locator('.call')).toHaveCount(calls.length);
  await page.goto('../docs#process_photo');
  const call = page.locator('#process_photo');
  await expect(call).toHaveAttribute('open');
  await page.getByRole('link', { name: 'delete file' }).click();
  await expect(page.locator('#delete_file')).toHaveAttribute('open');
  await expectAccessible(page);
  await expectFits(page);
  // With every call open, none of them is too wide.
  await page.locator('.call').evaluateAll((all) => all.forEach((call) => call.setAttribute('open', '')));
  await expect(page.locator('.call form')).toHaveCount(calls.length);
  await expectFits(page);
});
