import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import type { Page } from '@playwright/test';
import { expect, expectAccessible, expectFits, open, test } from './support/test';

const KEYS = {
  process: 'a-key-of-the-role-process-1234567890',
  curate: 'a-key-of-the-role-curate-12345678901',
  admin: 'a-key-of-the-role-admin-123456789012',
};
type Role = keyof typeof KEYS;

const file = join(tmpdir(), `ai-worker-console-keys-${process.pid}`);
const line = (role: Role) => `the-${role} ${role} ${createHash('sha256').update(KEYS[role]).digest('hex')}\n`;

test.use({ settings: { API_KEYS_FILE: file, API_KEY: 'a-key-of-the-test-itself-1234567890' } });
// A browser reports every answer that is no success.
test.beforeEach(({ expected }) => void expected.push(/401/));
const write = (...roles: Role[]) => writeFileSync(file, roles.map(line).join(''), { mode: 0o600 });
// Before the worker starts, which reads it.
write('process', 'curate', 'admin');
test.afterEach(() => write('process', 'curate', 'admin'));
test.afterAll(() => rmSync(file, { force: true }));

const cards = (page: Page) => page.locator('.grid-card');

async function enter(page: Page, key: string): Promise<void> {
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.getByRole('button', { name: 'Open the console' }).click();
}

test('asks for a key, and shows nothing without one', async ({ page }) => {
  await page.goto('');
  const dialog = page.getByRole('dialog', { name: 'Enter your key' });
  await expect(dialog).toBeVisible();
  await expect(cards(page)).toHaveCount(0);
  await expectAccessible(page);
  await expectFits(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeVisible();
  await enter(page, 'not-the-key-of-anybody-at-all-123456');
  await expect(page.getByRole('alert')).toContainText('does not accept this key');
  await enter(page, KEYS.curate);
  await expect(cards(page).first()).toBeVisible();
});

test('keeps the key in memory only', async ({ page }) => {
  await page.goto('');
  await enter(page, KEYS.curate);
  await expect(cards(page).first()).toBeVisible();
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  expect(kept).not.toContain(KEYS.curate);
  await page.reload();
  await expect(page.getByRole('dialog', { name: 'Enter your key' })).toBeVisible();
});

test('shows each role what it may do', async ({ page }) => {
  const nav = page.getByRole('navigation');
  await page.goto('');
  await enter(page, KEYS.process);
  await expect(cards(page).first()).toBeVisible();
  await expect(page.getByRole('checkbox')).toHaveCount(0);
  await expect(nav.getByRole('link', { name: 'Same person?' })).toHaveCount(0);
  await open(page, '/people');
  await cards(page).first().locator('.grid-open').click();
  await expect(page.getByRole('tab', { name: 'Faces' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Delete…' })).toHaveCount(0);
  await page.evaluate(() => (location.hash = '#/pairs'));
  await expect(page.getByText('You may not see this')).toBeVisible();
  await expectAccessible(page);

  for (const [role, plugins] of [
    ['curate', 0],
    ['admin', 1],
  ] as const) {
    await page.getByRole('button', { name: /Use another key/ }).click();
    await enter(page, KEYS[role]);
    await expect(nav.getByRole('link', { name: 'Same person?' })).toBeVisible();
    await expect(nav.getByRole('link', { name: 'Plugins' })).toHaveCount(plugins);
  }
});

test('asks again when the key is taken away', async ({ page }) => {
  await page.goto('');
  await enter(page, KEYS.curate);
  await expect(cards(page).first()).toBeVisible();
  write('process');
  const dialog = page.getByRole('dialog', { name: 'Enter your key' });
  await expect(async () => {
    await page.getByRole('button', { name: 'Latest photo' }).click({ timeout: 1000 });
    await page.getByRole('button', { name: 'Most faces' }).click({ timeout: 1000 });
    await expect(dialog).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 30_000 });
  await enter(page, KEYS.process);
  await expect(cards(page).first()).toBeVisible();
});
