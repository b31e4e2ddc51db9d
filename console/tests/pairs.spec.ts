import type { Page } from '@playwright/test';
import { everything, personIn } from './support/people';
import { expect, expectAccessible, expectFits, open, test } from './support/test';

/** The two people that are asked about. */
async function asked(page: Page): Promise<[string, string]> {
  const pair = (await page.locator('.pair').getAttribute('data-pair')) ?? '';
  const [first = '', second = ''] = pair.split(' ');
  return [first, second];
}

let before: Awaited<ReturnType<typeof everything>>;

test.beforeEach(async ({ page, worker }) => {
  before = await everything(worker);
  await open(page, '/pairs');
  await expect(page.locator('.pair')).toBeVisible();
});

test('asks first about the same man of two photos, with several faces of each', async ({ page, worker }) => {
  const men = [
    await personIn(worker, 'album/obama-1.jpg'),
    await personIn(worker, 'album/obama-in-washington.jpg'),
    await personIn(worker, 'album/obama-speaking.jpg'),
  ];
  const [first, second] = await asked(page);
  expect(men).toContain(first);
  expect(men).toContain(second);
  await expect(page.locator('.side-large img')).toHaveCount(2);
  const large = page.locator(`.side[data-id="${men[0]}"]`);
  if (await large.count()) await expect(large.locator('.side-more img')).toHaveCount(2);
  await expectAccessible(page);
  await expectFits(page);
});

for (const { name, key, button, check } of [
  { name: 'same', key: 's', button: 'Same person', check: 'merged' },
  { name: 'different', key: 'd', button: 'Different', check: 'distinct' },
  { name: 'not sure', key: 'u', button: 'Not sure', check: 'unsure' },
] as const) {
  test(`takes the answer "${name}" by button and by key, and takes it back`, async ({ page, worker }) => {
    const ids = await asked(page);
    const answers = page.locator('.pair-answers');
    const answered = async () => {
      await expect(page.getByText('1 answered')).toBeVisible();
      await expect.poll(() => asked(page).catch(() => null)).not.toEqual(ids);
      const now = await everything(worker);
      const marks = ids.flatMap((id) => now[id]?.[check] ?? []);
      expect(marks.filter((id) => ids.includes(id)).length).toBeGreaterThan(0);
    };
    await answers.getByRole('button', { name: button }).click();
    await answered();
    await answers.getByRole('button', { name: 'Undo last' }).click();
    await expect.poll(() => asked(page)).toEqual(ids);
    await expect(page.getByText('The last answer was taken back.')).toBeVisible();
    expect(await everything(worker)).toEqual(before);

    await page.keyboard.press(key);
    await answered();
    await page.keyboard.press('z');
    await expect.poll(() => asked(page)).toEqual(ids);
    await expect(page.getByText('The last answer was taken back.')).toBeVisible();
    expect(await everything(worker)).toEqual(before);
  });
}

test('does not ask again, keeps apart what is not sure, and takes back several answers in turn', async ({ page, worker }) => {
  const first = await asked(page);
  await page.keyboard.press('n');
  await expect(page.getByText('1 answered')).toBeVisible();
  const second = await asked(page);
  await page.keyboard.press('u');
  await expect(page.getByText('2 answered')).toBeVisible();
  await page.keyboard.press('z');
  await expect.poll(() => asked(page)).toEqual(second);
  await page.keyboard.press('z');
  await expect.poll(() => asked(page)).toEqual(first);
  await expect(page.getByText('The last answer was taken back.')).toBeVisible();
  expect(await everything(worker)).toEqual(before);

  await page.keyboard.press('u');
  await expect(page.getByText('1 answered')).toBeVisible();
  await page.reload();
  await expect(page.locator('.pair')).toBeVisible();
  expect(await asked(page)).not.toEqual(first);
  await page.getByRole('button', { name: 'Also “not sure”' }).click();
  await expect.poll(() => asked(page)).toEqual(first);
  await expect(page.getByText('Somebody was not sure')).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('d');
  await expect(page.getByText('1 answered')).toBeVisible();
  await page.reload();
  await page.getByRole('button', { name: 'Also “not sure”' }).click();
  await expect(page.locator('.pair')).toBeVisible();
  expect(await asked(page)).not.toEqual(first);
});

test('says when everything is answered', async ({ page }) => {
  // Whoever answers "different" to everything runs out of pairs.
  await expect(async () => {
    await page.keyboard.press('d');
    await expect(page.getByText('No pairs left to answer')).toBeVisible({ timeout: 200 });
  }).toPass({ timeout: 100_000, intervals: [0] });
  await expectAccessible(page);
  await expectFits(page);
});
