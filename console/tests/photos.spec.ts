import type { Page } from '@playwright/test';
import { keysFile, openAs, statusOf } from './support/keys';
import { personIn } from './support/people';
import { expect, expectAccessible, expectFits, open, test } from './support/test';

interface Listed {
  file_id: string;
  context: string;
}

const cards = (page: Page) => page.locator('.photo-card');
const shownIds = (page: Page) => page.locator('.photo-card-id').allTextContents();

test('lists photos, newest first, with their pictures, page by page', async ({ page, worker }) => {
  const { files } = await worker.call<{ files: Listed[] }>('GET', '/api/files?limit=100');
  // Fewer a page than there are photos.
  await page.route('**/api/files?*', (route) => route.continue({ url: route.request().url().replace(/limit=\d+/, 'limit=5') }));
  await open(page, '/photos');
  await expect(cards(page)).toHaveCount(5);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(cards(page)).toHaveCount(files.length);
  expect(await shownIds(page)).toEqual(files.map((file) => file.file_id));
  await expect(cards(page).first()).toContainText(files[0]?.context ?? '');
  const image = cards(page).first().locator('img');
  await expect(image).toBeVisible();
  expect(await image.evaluate((shown: HTMLImageElement) => shown.naturalWidth)).toBeGreaterThan(100);
  await expectAccessible(page);
  await expectFits(page);
});

test('lists those with a tag, and leads from one of them to its photo', async ({ page, worker }) => {
  const { tags } = await worker.call<{ tags: { name: string; photos: number }[] }>('GET', '/api/tags');
  await open(page, '/photos');
  const chips = page.getByRole('navigation', { name: 'Tags' });
  await expect(chips.getByRole('link')).toHaveCount(1 + Math.min(16, tags.length));
  const food = tags.find((tag) => tag.name === 'food');
  await chips.getByRole('link', { name: /^food/ }).click();
  await expect(page).toHaveURL(/#\/photos\/tagged\/food$/);
  await expect(cards(page)).toHaveCount(food?.photos ?? -1);
  await expect(chips.getByRole('link', { name: /^food/ })).toHaveAttribute('aria-current', 'page');
  await cards(page).first().click();
  await expect(page).toHaveURL(/#\/photos\/album~2Fcoffee\.png$/);
  await expect(page.getByText('album/coffee.png', { exact: true })).toBeVisible();
  await page.goBack();
  await chips.getByRole('link', { name: 'All photos' }).click();
  await expect(cards(page)).not.toHaveCount(food?.photos ?? -1);
});

test('lists those of a person, and says so when there are none', async ({ page, worker }) => {
  const person = await personIn(worker, 'album/biden.jpg');
  await open(page, `/photos/of/${person}`);
  await expect(cards(page)).toHaveCount(1);
  await expect(cards(page)).toContainText('album/biden.jpg');
  await page.getByRole('link', { name: 'Show all photos' }).click();
  await expect(page).toHaveURL(/#\/photos$/);
  await open(page, '/photos/tagged/no%20such~20tag');
  await expect(page.getByText('No photos here')).toBeVisible();
  await expectAccessible(page);
});

test.describe('when the store does not answer', () => {
  test.use({ expected: [/503/] });

  test('says what went wrong, and tries again', async ({ page }) => {
    let refused = 0;
    await page.route('**/api/files?*', (route) => {
      refused += 1;
      return refused > 1
        ? route.continue()
        : route.fulfill({
            status: 503,
            contentType: 'application/problem+json',
            body: JSON.stringify({ type: 'about:blank', title: 'x', status: 503, code: 'store_unavailable', detail: 'The store does not answer.', request_id: 'r' }),
          });
    });
    await open(page, '/photos');
    await expect(page.getByRole('alert')).toContainText('The store does not answer.');
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(cards(page).first()).toBeVisible();
  });
});

test('is in Indonesian, too', async ({ page }) => {
  await open(page, '/photos');
  await page.getByRole('button', { name: /Bahasa Indonesia/ }).click();
  await expect(page.getByRole('heading', { name: 'Foto' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Semua foto' })).toBeVisible();
  await expectFits(page);
});

test.describe('with a key that may only have photos described', () => {
  test.use({ settings: { API_KEYS_FILE: keysFile(), API_KEY: 'a-key-of-the-test-itself-1234567890' }, expected: [/40[134]/] });

  test('shows people in place of pictures, and the server gives none', async ({ page }) => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await openAs(page, 'process', '/photos');
    await expect(cards(page).first()).toBeVisible();
    const friends = cards(page).filter({ hasText: 'album/friends.jpg' });
    await expect(friends.locator('img')).toHaveCount(4);
    expect(asked.filter((path) => path.startsWith('/api/pictures/'))).toEqual([]);
    expect(await statusOf(page, 'GET', 'api/pictures/album/friends.jpg', 'process')).toBe(403);
    expect(await statusOf(page, 'GET', 'api/pictures/album/friends.jpg', 'curate')).toBe(200);
  });
});
