import type { Page } from '@playwright/test';
import { everything, facesOf, listPeople, personIn } from './support/people';
import { expect, expectAccessible, expectFits, open, test } from './support/test';
import type { Worker } from './support/worker';

const card = (page: Page, id: string) => page.locator(`.grid-card[data-id="${id}"]`);
const cards = (page: Page) => page.locator('.grid-card');
const undo = (page: Page) => page.getByRole('status').getByRole('button', { name: 'Undo' });
const similar = (page: Page, id: string) => page.locator(`.similar-card[data-id="${id}"]`);

async function select(page: Page, id: string): Promise<void> {
  await card(page, id).hover();
  await card(page, id).getByRole('checkbox').click();
}

/** Takes back the newest entry of the history that can be, and expects what was before. */
async function undoFromHistory(page: Page, worker: Worker, kind: string, before: unknown): Promise<void> {
  await page.getByRole('tab', { name: 'History' }).click();
  const entry = page.locator(`.entry[data-kind="${kind}"][data-undone="false"]`).first();
  const position = await entry.getAttribute('data-position');
  await entry.getByRole('button', { name: 'Undo' }).click();
  await expect(page.locator(`.entry[data-position="${position}"]`)).toHaveAttribute('data-undone', 'true');
  expect(await everything(worker)).toEqual(before);
}

let man: string;
let faces: string[];
let before: Awaited<ReturnType<typeof everything>>;

test.beforeEach(async ({ page, worker }) => {
  man = await personIn(worker, 'album/obama-1.jpg');
  faces = await facesOf(worker, man);
  before = await everything(worker);
  await open(page, `/people/${man}`);
  await expect(cards(page)).toHaveCount(3);
});

test('shows a person with all faces, and one of them with the reason', async ({ page, worker }) => {
  await expect(page.getByText(man, { exact: true })).toBeVisible();
  await expect(card(page, faces[0] ?? '').locator('img')).toBeVisible();
  await card(page, faces[1] ?? '').locator('.grid-open').click();
  const dialog = page.getByRole('dialog');
  const face = await worker.call<{ file_id: string; decision: { reason: string } }>('GET', `/api/faces/${faces[1]}`);
  await expect(dialog).toContainText('The cluster policy decided');
  await expect(dialog).toContainText(face.decision.reason);
  await expect(dialog.getByRole('link', { name: face.file_id })).toBeVisible();
  await page.keyboard.press('ArrowRight');
  const next = await worker.call<{ file_id: string }>('GET', `/api/faces/${faces[2]}`);
  await expect(dialog.getByRole('link', { name: next.file_id })).toBeVisible();
  await expectAccessible(page);
  await expectFits(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expectAccessible(page);
  await expectFits(page);
});

test('lists the least fitting face first, with its similarity', async ({ page, worker }) => {
  const other = await personIn(worker, 'album/biden.jpg');
  await worker.call('POST', '/api/merge-clusters', { source_cluster_ids: [other], target_cluster_id: man });
  const [odd] = before[other]?.faces ?? [];
  await page.getByRole('button', { name: 'Least fitting first' }).click();
  await expect(cards(page)).toHaveCount(4);
  await expect(cards(page).first()).toHaveAttribute('data-id', odd ?? '');
  await expect(cards(page).first()).toContainText('%');
});

test('takes faces out as a new person, and back', async ({ page, worker }) => {
  await select(page, faces[1] ?? '');
  await select(page, faces[2] ?? '');
  await page.getByRole('button', { name: 'Take out as a new person' }).click();
  await expect(page.getByText('2 faces are a new person now.')).toBeVisible();
  await expect(page.getByRole('heading', { name: '1 face' })).toBeVisible();
  await expect(cards(page)).toHaveCount(1);
  expect(Object.keys(await everything(worker)).length).toBe(Object.keys(before).length + 1);
  await undo(page).click();
  await expect(page.getByRole('heading', { name: '3 faces' })).toBeVisible();
  await expect(cards(page)).toHaveCount(3);
  expect(await everything(worker)).toEqual(before);

  await select(page, faces[1] ?? '');
  await page.keyboard.press('x');
  await expect(page.getByText('The face is a person of its own now.')).toBeVisible();
  await undoFromHistory(page, worker, 'split', before);
});

test('moves faces to somebody who is similar, and back', async ({ page, worker }) => {
  const twin = await personIn(worker, 'album/obama-speaking.jpg');
  await select(page, faces[2] ?? '');
  await page.keyboard.press('v');
  const picker = page.getByRole('dialog');
  await expectAccessible(page);
  await expectFits(page);
  await picker.getByRole('button', { name: `Person ${twin.slice(0, 8)}` }).click();
  await expect(page.getByText('The face was moved.')).toBeVisible();
  expect(await facesOf(worker, twin)).toContain(faces[2]);
  await undo(page).click();
  await expect(cards(page)).toHaveCount(3);
  expect(await everything(worker)).toEqual(before);

  // By id, from the face's own dialog.
  await card(page, faces[2] ?? '').locator('.grid-open').click();
  await page.getByRole('button', { name: 'Move…' }).last().click();
  await picker.last().getByLabel('Or the id of a person').fill(man);
  await picker.last().getByRole('button', { name: 'Move there' }).click();
  await expect(picker.last().getByRole('alert')).toContainText('That is this person.');
  await picker.last().getByLabel('Or the id of a person').fill(twin);
  await picker.last().getByRole('button', { name: 'Move there' }).click();
  await expect(page.getByText('The face was moved.')).toBeVisible();
  await undoFromHistory(page, worker, 'face_moved', before);
});

test('takes out what is no face, and back', async ({ page, worker }) => {
  await select(page, faces[0] ?? '');
  await select(page, faces[1] ?? '');
  await page.getByRole('button', { name: 'Not a face' }).click();
  await expect(page.getByText('2 taken out: not faces.')).toBeVisible();
  await expect(page.getByRole('heading', { name: '1 face' })).toBeVisible();
  expect(await facesOf(worker, man)).toEqual([faces[2]]);
  await undo(page).click();
  await expect(cards(page)).toHaveCount(3);
  expect(await everything(worker)).toEqual(before);

  await select(page, faces[1] ?? '');
  await page.keyboard.press('r');
  await expect(page.getByText('Taken out: not a face.')).toBeVisible();
  await undoFromHistory(page, worker, 'face_rejected', before);
});

test('moves and takes out the only face of a person, and back', async ({ page, worker, expected }) => {
  expected.push(/404/);
  const alone = await personIn(worker, 'album/biden.jpg');
  const [face = ''] = await facesOf(worker, alone);
  await open(page, `/people/${alone}`);
  await select(page, face);
  await page.keyboard.press('r');
  await expect(page.getByText('There is no such person')).toBeVisible();
  await undo(page).click();
  await expect(cards(page)).toHaveCount(1);
  expect(await everything(worker)).toEqual(before);

  await select(page, face);
  await page.keyboard.press('v');
  await page.getByRole('dialog').getByLabel('Or the id of a person').fill(man);
  await page.getByRole('button', { name: 'Move there' }).click();
  await expect(page.getByText('The face was moved.')).toBeVisible();
  expect(await facesOf(worker, man)).toContain(face);
  await undo(page).click();
  await expect.poll(() => everything(worker)).toEqual(before);
});

test('chooses the picture, and takes that back', async ({ page, worker }) => {
  const other = faces.find((face) => face !== before[man]?.representative) ?? '';
  await select(page, other);
  await page.getByRole('button', { name: 'Use as picture' }).click();
  await expect(card(page, other).getByText('Stands for the person')).toHaveCount(1);
  expect((await everything(worker))[man]?.representative).toBe(other);
  await undo(page).click();
  await expect(card(page, other).getByText('Stands for the person')).toHaveCount(0);
  expect(await everything(worker)).toEqual(before);
});

test('answers who else it could be: same, and back', async ({ page, worker }) => {
  const twin = await personIn(worker, 'album/obama-speaking.jpg');
  await page.keyboard.press('2');
  await expectAccessible(page);
  await expectFits(page);
  await similar(page, twin).getByRole('button', { name: 'Same person' }).click();
  await expect(page.getByRole('heading', { name: '4 faces' })).toBeVisible();
  await expect(similar(page, twin)).toHaveCount(0);
  await undo(page).click();
  await expect(page.getByRole('heading', { name: '3 faces' })).toBeVisible();
  await expect(similar(page, twin)).toBeVisible();
  expect(await everything(worker)).toEqual(before);
});

for (const { answer, said, mark } of [
  { answer: 'Different', said: 'Somebody else', mark: 'distinct' },
  { answer: 'Not sure', said: 'Not sure', mark: 'unsure' },
] as const) {
  test(`answers who else it could be: ${answer}, and back`, async ({ page, worker }) => {
    const twin = await personIn(worker, 'album/obama-speaking.jpg');
    await page.getByRole('tab', { name: 'Who else could this be?' }).click();
    await similar(page, twin).getByRole('button', { name: answer }).click();
    await expect(similar(page, twin).locator('.chip')).toHaveText(said);
    expect((await everything(worker))[man]?.[mark]).toEqual([twin]);
    await undo(page).click();
    await expect(similar(page, twin).locator('.chip')).toHaveCount(0);
    expect(await everything(worker)).toEqual(before);

    await similar(page, twin).getByRole('button', { name: answer }).click();
    await expect(similar(page, twin).locator('.chip')).toHaveText(said);
    await similar(page, twin).getByRole('button', { name: 'Take back' }).click();
    await expect(similar(page, twin).locator('.chip')).toHaveCount(0);
    expect(await everything(worker)).toEqual(before);
  });
}

test('shows former ids, and takes their merge back', async ({ page, worker }) => {
  const twin = await personIn(worker, 'album/obama-speaking.jpg');
  await worker.call('POST', '/api/merge-clusters', { source_cluster_ids: [twin], target_cluster_id: man });
  await open(page, `/people/${twin}`);
  await expect(page.getByText('This id was merged away')).toBeVisible();
  await page.getByText('1 former id').click();
  await expect(page.getByText(twin, { exact: true })).toBeVisible();
  await expectAccessible(page);
  await expectFits(page);
  await page.getByRole('button', { name: 'Take the merge back' }).click();
  await expect(page.getByText('The merge was taken back.')).toBeVisible();
  const after = await everything(worker);
  expect(after[twin]?.faces).toEqual(before[twin]?.faces);
  expect(after[man]?.faces).toEqual(before[man]?.faces);
});

test('undoes a merge and its hiding from the history, the later entry first', async ({ page, worker }) => {
  const twin = await personIn(worker, 'album/obama-speaking.jpg');
  await worker.call('POST', '/api/merge-clusters', { source_cluster_ids: [twin], target_cluster_id: man });
  await page.reload();
  await page.getByRole('button', { name: 'Hide' }).click();
  await expect(page.getByText('Hidden', { exact: true })).toBeVisible();
  await page.getByRole('tab', { name: 'History' }).click();
  await expect(page.locator('.entry').first()).toHaveAttribute('data-kind', 'hidden');
  await expectAccessible(page);
  await expectFits(page);
  await page.locator('.entry[data-kind="hidden"]').getByRole('button', { name: 'Undo' }).click();
  await expect(page.locator('.entry[data-kind="hidden"][data-undone="true"]')).toHaveCount(1);
  await undoFromHistory(page, worker, 'merged', before);
});

test('deletes a person for good, once that was confirmed', async ({ page, worker }) => {
  await page.getByRole('button', { name: 'Delete…' }).click();
  const dialog = page.getByRole('dialog');
  const confirm = dialog.getByRole('button', { name: 'Delete for good' });
  await expect(dialog).toContainText('3 faces');
  await expect(confirm).toBeDisabled();
  await expectAccessible(page);
  await expectFits(page);
  await dialog.getByRole('checkbox').check();
  await confirm.click();
  await expect(page.getByRole('heading', { name: 'People', exact: true })).toBeVisible();
  expect((await listPeople(worker)).map((person) => person.cluster_id)).not.toContain(man);
});

test('corrects by keyboard alone', async ({ page, worker }) => {
  await page.keyboard.press('ArrowDown');
  await expect(cards(page).first().locator('.grid-open')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await expect(page.getByText('1 selected')).toBeVisible();
  await page.keyboard.press('Shift+ArrowRight');
  await expect(page.getByText('2 selected')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText('selected')).toHaveCount(0);
  await page.keyboard.press('End');
  await page.keyboard.press('Space');
  await page.keyboard.press('x');
  await expect(page.getByText('The face is a person of its own now.')).toBeVisible();
  await page.keyboard.press('3');
  const button = page.locator('.entry').first().getByRole('button', { name: 'Undo' });
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.entry[data-undone="true"]')).toHaveCount(1);
  expect(await everything(worker)).toEqual(before);
});

test.describe('of nobody', () => {
  test('says that there is no such person', async ({ page, expected }) => {
    expected.push(/40[04]/);
    for (const id of ['00000000-0000-4000-8000-000000000000', 'nonsense']) {
      await page.goto(`#/people/${id}`);
      await expect(page.getByText('There is no such person')).toBeVisible();
    }
    await expectAccessible(page);
  });
});
