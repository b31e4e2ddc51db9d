/** A key of each role, in a file of keys that lies there before the worker reads it. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';

export const KEYS = {
  process: 'a-key-of-the-role-process-1234567890',
  curate: 'a-key-of-the-role-curate-12345678901',
  admin: 'a-key-of-the-role-admin-123456789012',
} as const;

export type Role = keyof typeof KEYS;

/** Writes the file for this test process; the name is for `API_KEYS_FILE`. */
export function keysFile(): string {
  const file = join(tmpdir(), `ai-worker-console-roles-${process.pid}`);
  const line = (role: Role) => `the-${role} ${role} ${createHash('sha256').update(KEYS[role]).digest('hex')}\n`;
  writeFileSync(file, (Object.keys(KEYS) as Role[]).map(line).join(''), { mode: 0o600 });
  return file;
}

/** Opens a view with the key of a role. */
export async function openAs(page: Page, role: Role, path: string): Promise<void> {
  await page.goto(`#${path}`);
  await page.getByLabel('Key', { exact: true }).fill(KEYS[role]);
  await page.getByRole('button', { name: 'Open the console' }).click();
  await page.locator('h1, .state-title').first().waitFor();
}

/** What the server answers when the page itself asks with a key: what is hidden must be refused as well. */
export function statusOf(page: Page, method: string, path: string, role: Role, body?: unknown): Promise<number> {
  return page.evaluate(
    async ([method, path, key, body]) => {
      const headers: Record<string, string> = { 'X-API-Key': key, 'X-Admin-Key': key };
      if (body !== null) headers['Content-Type'] = 'application/json';
      const response = await fetch(new URL(path, new URL('../', location.href)), { method, headers, ...(body !== null && { body }) });
      return response.status;
    },
    [method, path, KEYS[role], body === undefined ? null : JSON.stringify(body)] as const,
  );
}
