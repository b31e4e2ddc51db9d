import type { Page } from '@playwright/test';
import { everything, facesOf, listPeople, personIn } from './support/people';
import { expect, expectAccessible, expectFits, open, test } from './support/test';

const NOBODY = '00000000-0000-4000-8000-000000000000';

const card = (page: Page, id: string) => page.locator(`.grid-card[data-id="${id}"]`);
const cards = (page: Page) => page.locator('.grid-card');
const shownIds = (page: Page) => cards(page).evaluateAll((all) => all.map((one) => one.getAttribute('data-id')));
const undo = (page: Page) => page.getByRole('status').getByRole('button', { name: 'Undo' });

/** Selects by the corner of a card, which appears under the pointer. */
async function select(page: Page, id: string, shift = false): Promise<void> {
  await card(page, id).hover();
  await card(page, id)
    .getByRole('checkbox')
    .click(shift ? { modifiers: ['Shift'] } : {});
}

test('shows everybody with pictures, most faces first, in the order of the worker', async ({ page, worker }) => {
  await open(page, '/people');
  await expect(cards(page).first()).toContainText('3 faces');
  const usual = await worker.call<{ clusters: { cluster_id: string }[] }>(
    'GET',
    '/api/clusters?sort=faces&hidden=false&provisional=false',
  );
  expect(await shownIds(page)).toEqual(usual.clusters.map((person) => person.cluster_id));
  const first = cards(page).first().locator('img');
  await expect(first).toBeVisible();
  expect(await first.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(50);

  await page.getByRole('button', { name: 'Latest photo' }).click();
  const latest = await worker.call<{ clusters: { cluster_id: string }[] }>(
    'GET',
    '/api/clusters?sort=latest&hidden=false&provisional=false',
  );
  await expect.poll(() => shownIds(page)).toEqual(latest.clusters.map((person) => person.cluster_id));
});

test('holds no more people than were paged, and reads on from where it was', async ({ page, worker }) => {
  // Fewer a page than there are people.
  await page.route('**/api/clusters?*', (route) =>
    route.continue({ url: route.request().url().replace(/limit=\d+/, 'limit=4') }),
  );
  await open(page, '/people');
  await expect(cards(page)).toHaveCount(4);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(cards(page)).toHaveCount(8);
  const all = (await listPeople(worker)).map((person) => person.cluster_id);
  expect(await shownIds(page)).toEqual(all.slice(0, 8));
});

test('merges into whom is chosen, with the picture of another, and takes it back', async ({ page, worker }) => {
  const before = await everything(worker);
  const large = await personIn(worker, 'album/obama-1.jpg');
  const small = await personIn(worker, 'album/obama-speaking.jpg');
  await open(page, '/people');
  await select(page, large);
  await select(page, small);
  await expect(page.getByText('2 selected')).toBeVisible();
  await page.getByRole('button', { name: 'Merge…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('radio', { name: `Keep this id: Person ${large.slice(0, 8)}` })).toBeChecked();
  await dialog.getByRole('radio', { name: `Keep this id: Person ${small.slice(0, 8)}` }).check();
  await dialog.getByRole('radio', { name: `Keep this picture: Person ${large.slice(0, 8)}` }).check();
  await dialog.getByRole('button', { name: 'Merge', exact: true }).click();
  await expect(page.getByText('2 people merged into one.')).toBeVisible();
  await expect(card(page, large)).toHaveCount(0);
  await expect(card(page, small)).toContainText('4 faces');
  const merged = await everything(worker);
  expect(merged[small]?.merged).toContain(large);
  expect(merged[small]?.representative).toBe(before[large]?.representative);

  await undo(page).click();
  await expect(page.getByText('Taken back.')).toBeVisible();
  await expect(card(page, large)).toContainText('3 faces');
  expect(await everything(worker)).toEqual(before);
});

test('hides people, keeps them apart, and shows them again', async ({ page, worker }) => {
  const before = await everything(worker);
  const id = await personIn(worker, 'album/biden.jpg');
  await open(page, '/people');
  await select(page, id);
  await page.getByRole('toolbar').getByRole('button', { name: 'Hide' }).click();
  await expect(card(page, id)).toHaveCount(0);
  await page.getByRole('button', { name: 'Hidden' }).click();
  await expect.poll(() => shownIds(page)).toEqual([id]);
  await undo(page).click();
  await expect(page.getByText('Nobody is hidden')).toBeVisible();
  expect(await everything(worker)).toEqual(before);

  await page.getByRole('group', { name: 'Which people' }).getByRole('button', { name: 'People' }).click();
  await select(page, id);
  await page.keyboard.press('h');
  await page.getByRole('button', { name: 'Hidden' }).click();
  await select(page, id);
  await page.getByRole('button', { name: 'Show again' }).click();
  await expect(page.getByText('Nobody is hidden')).toBeVisible();
  expect(await everything(worker)).toEqual(before);
});

test('selects with the corner, Ctrl and Shift', async ({ page }) => {
  await open(page, '/people');
  await expect(cards(page).first()).toBeVisible();
  const ids = (await shownIds(page)) as string[];
  await select(page, ids[1] ?? '');
  await select(page, ids[4] ?? '', true);
  await expect(page.getByText('4 selected')).toBeVisible();
  await cards(page).nth(2).locator('.grid-open').click({ modifiers: ['Control'] });
  await expect(page.getByText('3 selected')).toBeVisible();
  await page.getByRole('button', { name: 'Clear selection' }).click();
  await expect(page.getByText('selected')).toHaveCount(0);
});

test('finds people by their id, a former one, or a face', async ({ page, worker, expected }) => {
  // A browser reports every answer that is no success.
  expected.push(/404/);
  const kept = await personIn(worker, 'album/obama-1.jpg');
  const gone = await personIn(worker, 'album/obama-speaking.jpg');
  const [face] = await facesOf(worker, gone);
  await worker.call('POST', '/api/merge-clusters', { source_cluster_ids: [gone], target_cluster_id: kept });
  const search = page.getByRole('searchbox', { name: 'Find by id' });
  for (const id of [kept, gone, face ?? '', `  ${kept.toUpperCase()} `]) {
    await open(page, '/people');
    await search.fill(id);
    await search.press('Enter');
    await expect(page.getByText(kept, { exact: true })).toBeVisible();
    await expect(page.getByRole('heading', { name: '4 faces' })).toBeVisible();
  }
  await open(page, '/people');
  await search.fill('somebody');
  await search.press('Enter');
  await expect(page.getByRole('alert')).toContainText('An id looks like');
  await search.fill(NOBODY);
  await search.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Nobody has this id');
});

test('works by keyboard alone', async ({ page, worker }) => {
  const before = await everything(worker);
  await open(page, '/people');
  await expect(cards(page).first()).toBeVisible();
  const ids = (await shownIds(page)) as string[];
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();
  // To the grid: past the field, its button, and the five filters.
  for (let step = 0; step < 8; step += 1) await page.keyboard.press('Tab');
  await expect(cards(page).first().locator('.grid-open')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(page.getByText('2 selected')).toBeVisible();
  await page.keyboard.press('m');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await page.keyboard.press('m');
  // The id, the picture, Cancel, Merge.
  await expect(dialog.getByRole('radio', { checked: true }).first()).toBeFocused();
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('Tab');
  await expect(dialog.getByRole('button', { name: 'Merge', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText('2 people merged into one.')).toBeVisible();
  await undo(page).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Taken back.')).toBeVisible();
  expect(await everything(worker)).toEqual(before);

  await cards(page).nth(1).locator('.grid-open').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText(ids[1] ?? '', { exact: true })).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(page.getByRole('heading', { name: 'Same person?' })).toBeVisible();
});

test('is accessible and fits a phone, with a selection and in its dialogs', async ({ page }) => {
  await open(page, '/people');
  await expect(cards(page).first().locator('img')).toBeVisible();
  await expectAccessible(page);
  const ids = (await shownIds(page)) as string[];
  await select(page, ids[0] ?? '');
  await select(page, ids[1] ?? '');
  await expectAccessible(page);
  await expectFits(page);
  await page.keyboard.press('m');
  await expectAccessible(page);
  await expectFits(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expectAccessible(page);
});

test('says why there is nobody', async ({ page }) => {
  await open(page, '/people');
  await page.getByRole('button', { name: 'Hidden' }).click();
  await expect(page.getByText('Nobody is hidden')).toBeVisible();
});

test('repeats what a busy worker put off, and says what went wrong', async ({ page, expected }) => {
  expected.push(/503/, /ERR_FAILED/);
  // An answer that no worker gave, so that it comes when the test wants it.
  let left = 1;
  await page.route('**/api/clusters?*', async (route) => {
    if (left === 0) return route.continue();
    left -= 1;
    return route.fulfill({
      status: 503,
      headers: { 'Retry-After': '2', 'Content-Type': 'application/problem+json' },
      body: JSON.stringify({
        type: 'about:blank',
        title: 'Service Unavailable',
        status: 503,
        code: 'store_unavailable',
        detail: 'The store does not answer.',
        request_id: 'made-up',
        retry_after: 2,
      }),
    });
  });
  await open(page, '/people');
  await expect(page.getByRole('alert')).toContainText('The store does not answer.');
  await expect(page.getByRole('alert')).toContainText('made-up');
  await expect(page.getByText(/Trying again in \d s/)).toBeVisible();
  await expect(cards(page).first()).toBeVisible();

  await page.route('**/api/clusters?*', (route) => route.abort());
  await page.getByRole('button', { name: 'Latest photo' }).click();
  await expect(page.getByRole('alert')).toContainText('The worker does not answer.');
});

test('speaks Indonesian, and keeps the language and the appearance that were chosen', async ({ page }) => {
  await open(page, '/people');
  await page.getByRole('button', { name: 'Language: Bahasa Indonesia' }).click();
  await expect(page.getByRole('heading', { name: 'Orang' })).toBeVisible();
  await expect(cards(page).first()).toContainText('3 wajah');
  await page.getByRole('button', { name: 'Tampilan: Ikuti sistem' }).click();
  await page.getByRole('button', { name: 'Tampilan: Terang' }).click();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Tampilan: Gelap' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'id');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('is where it was when one comes back from a person', async ({ page }) => {
  await page.setViewportSize({ width: 400, height: 400 });
  await page.route('**/api/clusters?*', (route) =>
    route.continue({ url: route.request().url().replace(/limit=60/, 'limit=6') }),
  );
  await open(page, '/people');
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(cards(page)).toHaveCount(11);
  const last = cards(page).last();
  await last.scrollIntoViewIfNeeded();
  const scrolled = await page.evaluate(() => scrollY);
  expect(scrolled).toBeGreaterThan(0);
  await last.locator('.grid-open').click();
  await expect(page.getByRole('tab', { name: 'Faces' })).toBeVisible();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.unrouteAll();
  await page.goBack();
  await expect(cards(page)).toHaveCount(11);
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(scrolled);
});

test('draws of thousands of people those near the window', async ({ page, worker }) => {
  const [somebody] = await listPeople(worker);
  // Made up, but for the picture.
  const crowd = Array.from({ length: 5000 }, (_, at) => ({
    ...somebody,
    cluster_id: `${at.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
  }));
  await page.route('**/api/clusters?*', (route) => {
    const after = new URL(route.request().url()).searchParams.get('after');
    const from = after === null ? 0 : parseInt(after.slice(0, 8), 16) + 1;
    const clusters = crowd.slice(from, from + 1000);
    const next = from + 1000 < crowd.length ? (clusters.at(-1)?.cluster_id ?? null) : null;
    return route.fulfill({ json: { clusters, next, next_key: next && 3 } });
  });
  await open(page, '/people');
  for (let pages = 1; pages < 5; pages += 1) {
    await expect(cards(page).first()).toHaveAttribute('aria-setsize', String(pages * 1000));
    await page.getByRole('button', { name: 'Show more' }).click();
  }
  await expect(cards(page).first()).toHaveAttribute('aria-setsize', '5000');
  expect(await cards(page).count()).toBeLessThan(400);

  await cards(page).first().locator('.grid-open').focus();
  await page.keyboard.press('End');
  const last = card(page, crowd.at(-1)?.cluster_id ?? '');
  await expect(last.locator('.grid-open')).toBeFocused();
  await expect(last.locator('img')).toBeVisible();
  await expect(last).toBeInViewport();
  expect(await cards(page).count()).toBeLessThan(400);
  await page.keyboard.press('Shift+ArrowLeft');
  await expect(page.getByText('2 selected')).toBeVisible();

  // Each where it would be if all were drawn.
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
  await expect(cards(page).first()).not.toHaveAttribute('aria-posinset', '1');
  const columns = await page.locator('.grid').evaluate((grid) => getComputedStyle(grid).gridTemplateColumns.split(' ').length);
  expect((Number(await cards(page).first().getAttribute('aria-posinset')) - 1) % columns).toBe(0);
  await expect(page.locator('.grid-card:has(img)').first()).toBeVisible();
  await page.evaluate(() => scrollTo(0, 0));
  await expect(card(page, crowd[0]?.cluster_id ?? '')).toBeInViewport();
});
