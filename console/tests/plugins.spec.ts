import { writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { packed, signer } from './support/components';
import { KEYS, keysFile, openAs, statusOf } from './support/keys';
import { expect, expectAccessible, expectFits, test } from './support/test';

interface Report {
  slot: string;
  version: string;
  digest: string;
}

// Photos are described, by a debug build on few cores, as a rule.
test.slow();

const settings = { API_KEYS_FILE: keysFile(), API_KEY: 'a-key-of-the-test-itself-1234567890' };
test.use({ settings, expected: [/401/] });

const fileInput = (page: Page) => page.locator('.drop input[type=file]');
const slot = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const audit = (page: Page) => page.getByRole('region', { name: 'Changes of plugins, the latest first' });

test('shows the three slots and what fills them', async ({ page, worker }) => {
  await openAs(page, 'admin', '/plugins');
  for (const name of ['Tagger', 'Context mapper', 'Cluster policy']) await expect(slot(page, name)).toContainText('Built in');
  const plugins = await worker.call<Report[]>('GET', '/api/plugins');
  await expect(slot(page, 'Tagger')).toContainText(plugins.find((one) => one.slot === 'tagger')?.digest.slice(0, 12) ?? '-');
  await expect(slot(page, 'Tagger')).toContainText('Vocabulary');
  await expect(page.getByText('No plugin was changed yet.')).toBeVisible();
  await expectAccessible(page);
  await expectFits(page);
});

test.describe('with the text of photos kept', () => {
  // A worker that is busy puts pictures off, and the page asks again.
  test.use({ settings: { ...settings, STORE_TEXT: 'on' }, expected: [/401|429/] });

  test('shows what a component would change, puts it in place, applies it, and rolls back', async ({ page, worker }) => {
    // A photo that is stored without its text is not changed by plugins that want text.
    await worker.call('POST', '/api/process', { file_id: 'album/obama-1.jpg', image_url: `${process.env['CONSOLE_PHOTOS']}/obama.jpg` });
    const component = await packed('context-mapper', 'berpakaian resmi"', 'berjas"');
    const phraseOf = async () => (await worker.call<{ context: string }>('GET', '/api/files/album/obama-1.jpg')).context;
    const stored = await phraseOf();
    expect(stored).toContain('berpakaian resmi');
    await openAs(page, 'admin', '/plugins');
    await fileInput(page).setInputFiles(component);
    await expect(page.getByLabel('Slot')).toHaveValue('context-mapper');

    // The difference, of which nothing is written.
    await page.getByRole('button', { name: 'Show the difference' }).click();
    const difference = slot(page, 'Difference: Context mapper');
    const after = stored.replace('berpakaian resmi', 'berjas');
    const phrases = difference.getByRole('region', { name: 'Phrases that take the place of others' });
    await expect(phrases.getByRole('row').filter({ hasText: after }).first()).toContainText(stored);
    const example = difference.locator('.examples > li').filter({ hasText: 'album/obama-1.jpg' });
    await expect(example).toContainText(after);
    await expect(async () => {
      await example.scrollIntoViewIfNeeded();
      await expect(example.locator('img')).toBeVisible({ timeout: 3_000 });
    }).toPass();
    expect(await phraseOf()).toBe(stored);
    await expectAccessible(page);
    await expectFits(page);

    // In its place.
    await page.getByRole('button', { name: 'Put in place' }).click();
    await expect(page.getByText(/stored scenes answered well/)).toBeVisible({ timeout: 60_000 });
    await expect(slot(page, 'Context mapper')).toContainText('Uploaded');
    await expect(slot(page, 'Context mapper')).toContainText('its own');
    await expect(audit(page).getByRole('row').nth(1)).toContainText('Put in place');
    await expect(audit(page).getByRole('row').nth(1)).toContainText('the-admin');
    await expect(page.getByText('This very component is in the slot already.')).toBeVisible();
    const swapped = (await worker.call<Report[]>('GET', '/api/plugins')).find((one) => one.slot === 'context-mapper');
    expect(swapped?.version).toContain('+');
    expect(await phraseOf()).toBe(stored);

    // To what is stored.
    await difference.getByRole('button', { name: 'Apply to stored photos…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rewrite them' }).click();
    await expect(difference).toContainText('Rewritten: 1 photos.');
    await expect(difference).toContainText('for lack of evidence');
    expect(await phraseOf()).toBe(after);

    // And back.
    await slot(page, 'Context mapper').getByRole('button', { name: 'Roll back…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Roll back: Context mapper?' });
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
    await expect(slot(page, 'Context mapper')).toContainText('Built in');
    await expect(audit(page).getByRole('row').nth(1)).toContainText('Rolled back');
  });
});

test('shows which photos gain and lose a tag', async ({ page }) => {
  const component = await packed('tagger', 'tag = "formal wear"', 'tag = "suit and tie"');
  await openAs(page, 'admin', '/plugins');
  await fileInput(page).setInputFiles(component);
  await page.getByRole('button', { name: 'Show the difference' }).click();
  const tags = page.getByRole('region', { name: 'Tags that photos gain and lose' });
  const gained = tags.getByRole('row').filter({ hasText: 'suit and tie' });
  await expect(gained).toContainText(/\+\d/);
  await gained.scrollIntoViewIfNeeded();
  await expect(gained.locator('img').first()).toBeVisible();
  await expect(tags.getByRole('row').filter({ hasText: 'formal wear' })).toContainText(/−\d/);
  // It stays to be seen.
  await page.getByRole('button', { name: 'Hide the difference' }).click();
  await expect(tags).toHaveCount(0);
  await page.reload();
  await page.getByLabel('Key', { exact: true }).fill(KEYS.admin);
  await page.keyboard.press('Enter');
  await slot(page, 'Tagger').getByRole('button', { name: 'Show the latest difference' }).click();
  await expect(tags).toBeVisible();
});

test('runs a component beside the active one, and stops it', async ({ page, worker }) => {
  const component = await packed('context-mapper', 'berpakaian resmi"', 'berjas"');
  await openAs(page, 'admin', '/plugins');
  await fileInput(page).setInputFiles(component);
  await page.getByRole('button', { name: 'Start beside' }).click();
  const mapper = slot(page, 'Context mapper');
  await expect(mapper).toContainText('Runs beside the active one');
  await worker.call('POST', '/api/process', { file_id: 'new', image_url: `${process.env['CONSOLE_PHOTOS']}/biden.jpg` });
  await expect(mapper.locator('.shadow .counts > div').nth(1)).toContainText('1');
  await mapper.getByText('1 difference').click();
  await expect(mapper.locator('.shadow-examples')).toContainText('berjas');
  await expectAccessible(page);
  await mapper.getByRole('button', { name: 'Stop' }).click();
  await expect(mapper).not.toContainText('Runs beside the active one');
});

test('says at once that a file is no component', async ({ page }) => {
  await openAs(page, 'admin', '/plugins');
  await fileInput(page).setInputFiles({ name: 'words.wasm', mimeType: 'application/wasm', buffer: Buffer.from('no component') });
  await expect(page.getByRole('alert')).toContainText('no WebAssembly component');
});

test.describe('what is refused', () => {
  test.use({ expected: [/401|422/] });

  test('is shown with its reason and in the audit log, and changes nothing', async ({ page, worker }) => {
    const component = await packed('tagger', 'tag = "formal wear"', 'tag = "suit"');
    await openAs(page, 'admin', '/plugins');
    await fileInput(page).setInputFiles(component);
    await page.getByLabel('Slot').selectOption('cluster-policy');
    await page.getByRole('button', { name: 'Put in place' }).click();
    await expect(page.getByRole('alert')).toContainText('plugin_refused');
    await expect(audit(page).getByRole('row').nth(1)).toContainText('Refused');
    const plugins = await worker.call<{ slot: string; origin: string }[]>('GET', '/api/plugins');
    expect(plugins.every((one) => one.origin === 'built-in')).toBe(true);
  });

  const trusted = signer();
  test.describe('for want of a signature', () => {
    test.use({ settings: { ...settings, PLUGIN_TRUST: trusted.publicKey } });

    test('is taken with one', async ({ page }) => {
      const component = await packed('context-mapper', 'berpakaian resmi"', 'berjas"');
      const signature = await trusted.sign(component);
      await openAs(page, 'admin', '/plugins');
      await fileInput(page).setInputFiles(component);
      await page.getByRole('button', { name: 'Put in place' }).click();
      await expect(page.getByRole('alert')).toContainText('not signed');
      const wrong = `${component}.wrong.minisig`;
      await writeFile(wrong, 'no signature');
      await fileInput(page).setInputFiles(wrong);
      await page.getByRole('button', { name: 'Put in place' }).click();
      await expect(page.getByRole('alert')).toContainText('its signature is not a minisign signature');
      await fileInput(page).setInputFiles([component, signature]);
      await page.getByRole('button', { name: 'Put in place' }).click();
      await expect(slot(page, 'Context mapper')).toContainText('Uploaded');
    });
  });
});

test.describe('with a lesser key', () => {
  test.use({ expected: [/40[13]/] });

  test('nothing of it is shown, and the server refuses', async ({ page }) => {
    for (const role of ['process', 'curate'] as const) {
      await page.goto('about:blank');
      await openAs(page, role, '/plugins');
      await expect(page.getByText('You may not see this')).toBeVisible();
      await expect(page.locator('.slot')).toHaveCount(0);
      for (const [method, path] of [
        ['PUT', 'api/plugins/tagger'],
        ['POST', 'api/plugins/tagger/rollback'],
        ['POST', 'api/plugins/tagger/shadow'],
        ['POST', 'api/plugins/tagger/replay'],
        ['GET', 'api/audit'],
      ] as const) {
        expect(await statusOf(page, method, path, role), `${method} ${path}`).toBe(403);
      }
    }
  });
});
