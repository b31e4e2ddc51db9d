import type { Page } from '@playwright/test';
import { keysFile, openAs, statusOf } from './support/keys';
import { personIn } from './support/people';
import { expect, expectAccessible, expectFits, open, test } from './support/test';
import { servePhotos } from './support/worker';

const boxes = (page: Page) => page.locator('.frame-box');
const detail = (page: Page) => page.locator('.frame-detail');
const photo = (page: Page) => page.locator('.frame-photo > img');

interface Stored {
  faces: { face_id: string; cluster_id: string; bounding_box: [number, number, number, number] }[];
  tags: string[];
  context: string;
  details: { scene: { width: number; height: number } };
}

test('shows the photo with a box on each face, and who and why under the pointer', async ({ page, worker }) => {
  const stored = await worker.call<Stored>('GET', '/api/files/album/friends.jpg?details=true');
  await open(page, '/photos/album~2Ffriends.jpg');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(stored.context);
  await expect(photo(page)).toBeVisible();
  await expect(boxes(page)).toHaveCount(stored.faces.length);

  // A box lies where the face is in the picture.
  const { width, height } = stored.details.scene;
  const frame = await page.locator('.frame-photo').boundingBox();
  const box = await boxes(page).first().boundingBox();
  const [x1, y1] = stored.faces[0]?.bounding_box ?? [0, 0];
  expect(Math.abs((box?.x ?? 0) - (frame?.x ?? 0) - (x1 / width) * (frame?.width ?? 0))).toBeLessThan(2);
  expect(Math.abs((box?.y ?? 0) - (frame?.y ?? 0) - (y1 / height) * (frame?.height ?? 0))).toBeLessThan(2);

  const face = await worker.call<{ decision: { reason: string } }>('GET', `/api/faces/${stored.faces[0]?.face_id}`);
  await boxes(page).first().hover();
  await expect(detail(page)).toContainText(face.decision.reason);
  await expect(detail(page)).toContainText(stored.faces[0]?.cluster_id.slice(0, 8) ?? '-');
  await page.mouse.move(0, 0);
  await expect(detail(page)).toHaveCount(0);
  // The keyboard does the same.
  await boxes(page).nth(1).focus();
  await expect(detail(page)).toContainText(stored.faces[1]?.cluster_id.slice(0, 8) ?? '-');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(detail(page)).toHaveCount(0);
  await boxes(page).nth(1).hover();
  await detail(page).getByRole('link').click();
  await expect(page).toHaveURL(new RegExp(`#/people/${stored.faces[1]?.cluster_id}$`));
});

test('labels of a crowd cover neither each other nor a face', async ({ page, worker }) => {
  await worker.call('POST', '/api/process', { file_id: 'crowd', image_url: `${process.env['CONSOLE_PHOTOS']}/solvay_1927.jpg` });
  await open(page, '/photos/crowd');
  await expect(photo(page)).toBeVisible();
  const areas = (selector: string) =>
    page.locator(selector).evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON() as DOMRect));
  const labels = await areas('.frame-label');
  const faces = await areas('.frame-box');
  expect(faces.length).toBeGreaterThan(20);
  expect(labels.length).toBeGreaterThan(faces.length * 0.8);
  const overlap = (a: DOMRect, b: DOMRect) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
  labels.forEach((label, at) => {
    expect(labels.some((other, index) => index !== at && overlap(label, other))).toBe(false);
    expect(faces.some((face) => overlap(label, face))).toBe(false);
  });
});

test('shows tags with scores and reasons, the evidence, and what each plugin says', async ({ page, worker }) => {
  const stored = await worker.call<Stored>('GET', '/api/files/album/biden.jpg');
  const readings = await worker.call<{ scored_tags: { name: string; reason: string }[] }>('GET', '/api/readings/album/biden.jpg');
  await open(page, '/photos/album~2Fbiden.jpg');
  const tags = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Tags', exact: true }) });
  for (const tag of stored.tags) await expect(tags).toContainText(tag);
  for (const { reason } of readings.scored_tags) await expect(tags).toContainText(reason);
  const says = page.locator('section').filter({ has: page.getByRole('heading', { name: 'What each plugin says now' }) });
  await expect(says).toContainText('default-tagger');
  await expect(says).toContainText(stored.context);
  const seen = page.locator('section').filter({ has: page.getByRole('heading', { name: 'What was seen' }) });
  await expect(seen).toContainText('suit');
  await seen.getByRole('button', { name: /^All \d+/ }).click();
  await expect(seen.getByRole('button', { name: 'Fewer' })).toBeVisible();
  await page.getByRole('checkbox', { name: /Show things found/ }).check();
  await expect(page.locator('.frame-outline').first()).toBeVisible();
  await expectAccessible(page);
  await expectFits(page);
});

test('processes a photo again, and keeps who is in it', async ({ page, worker }) => {
  const before = await personIn(worker, 'album/biden.jpg');
  await open(page, '/photos/album~2Fbiden.jpg');
  const answered = page.waitForResponse((response) => response.url().endsWith('/api/reprocess'));
  await page.getByRole('button', { name: 'Process again' }).click();
  expect((await answered).status()).toBe(200);
  await expect(page.getByText('The photo was processed again.')).toBeVisible();
  expect(await personIn(worker, 'album/biden.jpg')).toBe(before);
  await expect(photo(page)).toBeVisible();
});

test.describe('deleting', () => {
  test.use({ expected: [/404/] });

  test('deletes a photo after asking', async ({ page, worker }) => {
    await open(page, '/photos/album~2Fcoffee.png');
    await page.getByRole('button', { name: 'Delete…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete this photo?' });
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await worker.call('GET', '/api/files/album/coffee.png');
    await page.getByRole('button', { name: 'Delete…' }).click();
    await dialog.getByRole('button', { name: 'Delete for good' }).click();
    await expect(page).toHaveURL(/#\/photos$/);
    await expect(page.getByText('The photo was deleted.')).toBeVisible();
    await expect(worker.call('GET', '/api/files/album/coffee.png')).rejects.toThrow('404');
    await page.evaluate(() => (location.hash = '#/photos/album~2Fcoffee.png'));
    await expect(page.getByText('This photo is not stored')).toBeVisible();
  });
});

test('a name of many signs is an address as well', async ({ page, worker }) => {
  const name = 'a b/50%~ü?#&.jpg';
  await worker.call('POST', '/api/process', { file_id: name, image_url: `${process.env['CONSOLE_PHOTOS']}/biden.jpg` });
  await open(page, '/photos');
  await page.locator('.photo-card').filter({ hasText: name }).click();
  await expect(page.locator('p.photo-id')).toHaveText(name);
  await expect(photo(page)).toBeVisible();
});

test.describe('without a source', () => {
  test.use({ expected: [/422/] });

  test('draws the boxes with the faces in them when the source is gone', async ({ page, worker }) => {
    const photos = await servePhotos();
    await worker.call('POST', '/api/process', { file_id: 'gone', image_url: `${photos.url}/biden.jpg` });
    photos.stop();
    await open(page, '/photos/gone');
    await expect(page.getByText('Boxes stand in for the photo.')).toBeVisible();
    await expect(page.getByText('The worker could not fetch it')).toBeVisible();
    await expect(boxes(page).locator('img')).toBeVisible();
    await boxes(page).hover();
    await expect(detail(page)).toBeVisible();
    await expectAccessible(page);
  });
});

test.describe('where URLs are not kept', () => {
  test.use({ settings: { STORE_URLS: 'off' } });

  test('asks for no picture', async ({ page, worker }) => {
    await worker.call('POST', '/api/process', { file_id: 'private', image_url: `${process.env['CONSOLE_PHOTOS']}/biden.jpg` });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await open(page, '/photos/private');
    await expect(page.getByText('Its URL is not kept')).toBeVisible();
    await expect(boxes(page).locator('img')).toBeVisible();
    expect(asked.filter((path) => path.startsWith('/api/pictures/'))).toEqual([]);
    await expect(page.getByRole('button', { name: 'Process again' })).toHaveCount(0);
  });
});

test.describe('with keys', () => {
  test.use({ settings: { API_KEYS_FILE: keysFile(), API_KEY: 'a-key-of-the-test-itself-1234567890' }, expected: [/40[134]/] });

  test('a key of the role process reads, and changes nothing', async ({ page, worker }) => {
    await openAs(page, 'process', '/photos/album~2Fbiden.jpg');
    await expect(page.getByText('Your key may not have the photo fetched.')).toBeVisible();
    await expect(boxes(page).locator('img')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Process again' })).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Delete…' })).toHaveCount(0);
    expect(await statusOf(page, 'DELETE', 'api/files/album/biden.jpg', 'process')).toBe(403);
    expect(await statusOf(page, 'POST', 'api/reprocess', 'process', { file_id: 'album/biden.jpg' })).toBe(403);
    await worker.call('GET', '/api/files/album/biden.jpg');
    await expect(page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Try a photo' })).toHaveCount(0);
  });
});
