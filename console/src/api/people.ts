/** What the views of people ask the worker, and how each correction is taken back. */
import { call } from './client';
import type { HistoryEntry, HistoryKind, Pair, Person, PersonDetails, PersonFace, SimilarPerson } from './people-types';
import type { Answer } from './paths';

export type Face = Answer<'get', '/api/faces/{face_id}'>;

/** What takes a correction back. */
export type Undo = () => Promise<void>;

export interface PersonFilter {
  sort: 'faces' | 'latest';
  shown: 'usual' | 'provisional' | 'hidden';
}

/** Where a page of people ends. */
export interface PersonCursor {
  after: string;
  afterKey: number | null;
}

const PEOPLE_A_PAGE = 60;
/** The worker gives no more. */
const MOST_A_PAGE = 1000;
const FACES_A_PAGE = 60;
const SIMILAR_A_PAGE = 12;
const HISTORY_A_PAGE = 30;

/** `atLeast`: how many are wanted at once, where that is more than a page and allowed. */
export async function listPeople(
  filter: PersonFilter,
  cursor: PersonCursor | null,
  signal: AbortSignal,
  atLeast = PEOPLE_A_PAGE,
) {
  const { shown, sort } = filter;
  const page = await call('get', '/api/clusters', {
    signal,
    query: {
      sort,
      limit: Math.min(Math.max(atLeast, PEOPLE_A_PAGE), MOST_A_PAGE),
      hidden: shown === 'hidden',
      ...(shown === 'hidden' ? {} : { provisional: shown === 'provisional' }),
      ...(cursor && { after: cursor.after, ...(cursor.afterKey !== null && { after_key: cursor.afterKey }) }),
    },
  });
  const next: PersonCursor | null = page.next === null ? null : { after: page.next, afterKey: page.next_key };
  return { items: page.clusters, next };
}

export const getPerson = (id: string, signal?: AbortSignal): Promise<PersonDetails> =>
  call('get', '/api/clusters/{cluster_id}', { path: { cluster_id: id }, ...(signal && { signal }) });

export async function listFaces(id: string, sort: 'stored' | 'fit', after: number | null, signal: AbortSignal, limit = FACES_A_PAGE) {
  const page = await call('get', '/api/clusters/{cluster_id}/faces', {
    path: { cluster_id: id },
    // The order of storing is what a worker of before takes for granted.
    query: { limit, ...(sort === 'fit' && { sort }), ...(after !== null && { after }) },
    signal,
  });
  return { items: page.faces as PersonFace[], next: page.next };
}

export async function listSimilar(id: string, after: string | null, signal: AbortSignal, limit = SIMILAR_A_PAGE) {
  const page = await call('get', '/api/clusters/{cluster_id}/similar', {
    path: { cluster_id: id },
    query: { limit, ...(after !== null && { after }) },
    signal,
  });
  return { items: page.similar as SimilarPerson[], next: page.next };
}

export async function listHistory(id: string, before: number | null, signal?: AbortSignal, limit = HISTORY_A_PAGE) {
  const page = await call('get', '/api/clusters/{cluster_id}/history', {
    path: { cluster_id: id },
    query: { limit, ...(before !== null && { before }) },
    ...(signal && { signal }),
  });
  return { items: page.entries, next: page.next };
}

export async function listPairs(unsure: boolean, after: string | null, signal: AbortSignal) {
  const page = await call('get', '/api/pairs', {
    query: { limit: 20, unsure, ...(after !== null && { after }) },
    signal,
  });
  return { items: page.pairs as Pair[], next: page.next };
}

export const getFace = (id: string, signal?: AbortSignal): Promise<Face> =>
  call('get', '/api/faces/{face_id}', { path: { face_id: id }, ...(signal && { signal }) });

export const faceThumbnail = (faceId: string) => `/api/faces/${faceId}/thumbnail`;

/** A picture of a person; it changes with the representative, and so does its address. */
export const personThumbnail = (person: Pick<Person, 'representative_face_id'>) =>
  faceThumbnail(person.representative_face_id);

/** The header by which a repeated correction is answered as it was the first time. */
const once = () => ({ 'Idempotency-Key': crypto.randomUUID() });

export async function undoEntry(id: string, position: number): Promise<void> {
  await call('post', '/api/clusters/{cluster_id}/history/{position}/undo', { path: { cluster_id: id, position } });
}

/** How far back the entry of a correction is looked for that has just been made. */
const JUST_NOW = 20;

/** Takes back the newest entries of a person's history that `mine` accepts, newest first, at most `count` of them. */
async function undoNewest(id: string, count: number, mine: (entry: HistoryEntry) => boolean): Promise<void> {
  const { items } = await listHistory(id, null, undefined, JUST_NOW);
  const found = items.filter((entry) => !entry.undone && entry.undoes === null && mine(entry)).slice(0, count);
  for (const entry of found) await undoEntry(id, entry.position);
}

const ofKind = (kind: HistoryKind) => (entry: HistoryEntry) => entry.kind === kind;

/** Merges people into one. `pictureOf` may name another of them whose picture stays. */
export async function merge(target: Person, sources: readonly Person[], pictureOf: Person = target): Promise<Undo> {
  const sourceIds = sources.map((source) => source.cluster_id);
  await call('post', '/api/merge-clusters', {
    body: { source_cluster_ids: sourceIds, target_cluster_id: target.cluster_id },
    headers: once(),
  });
  const chosen = pictureOf.representative_face_id;
  const choose = chosen !== target.representative_face_id;
  if (choose) await chooseRepresentative(target.cluster_id, chosen);
  return async () => {
    if (choose) await undoNewest(target.cluster_id, 1, ofKind('representative_chosen'));
    await undoNewest(
      target.cluster_id,
      sourceIds.length,
      (entry) => entry.kind === 'merged' && entry.cluster_ids.some((id) => sourceIds.includes(id)),
    );
  };
}

export async function chooseRepresentative(id: string, faceId: string): Promise<Undo> {
  await call('put', '/api/clusters/{cluster_id}/representative', { path: { cluster_id: id }, body: { face_id: faceId } });
  return () => undoNewest(id, 1, ofKind('representative_chosen'));
}

export async function setHidden(people: readonly Person[], hidden: boolean): Promise<Undo> {
  const setAll = async (value: boolean) => {
    for (const { cluster_id } of people) {
      await call('patch', '/api/clusters/{cluster_id}', { path: { cluster_id }, body: { hidden: value } });
    }
  };
  await setAll(hidden);
  return () => setAll(!hidden);
}

export async function split(id: string, faceIds: string[]): Promise<{ newId: string; undo: Undo }> {
  const answer = await call('post', '/api/clusters/{cluster_id}/split', {
    path: { cluster_id: id },
    body: { face_ids: faceIds },
    headers: once(),
  });
  return { newId: answer.new_cluster_id, undo: () => undoNewest(id, 1, ofKind('split')) };
}

/** Puts faces into another person, one by one: a problem leaves the rest where they are. */
export async function moveFaces(faceIds: readonly string[], target: string): Promise<Undo> {
  for (const face_id of faceIds) {
    await call('post', '/api/faces/{face_id}/move', { path: { face_id }, body: { cluster_id: target }, headers: once() });
  }
  // The history of whom they came to: where they came from may be nobody now.
  return () =>
    undoNewest(
      target,
      faceIds.length,
      (entry) => entry.kind === 'face_moved' && entry.face_ids.some((face) => faceIds.includes(face)),
    );
}

export async function rejectFaces(id: string, faceIds: readonly string[]): Promise<Undo> {
  for (const face_id of faceIds) await call('post', '/api/faces/{face_id}/reject', { path: { face_id } });
  return () =>
    undoNewest(
      id,
      faceIds.length,
      (entry) => entry.kind === 'face_rejected' && entry.face_ids.some((face) => faceIds.includes(face)),
    );
}

export async function unmerge(id: string): Promise<Answer<'post', '/api/clusters/{cluster_id}/unmerge'>> {
  return call('post', '/api/clusters/{cluster_id}/unmerge', { path: { cluster_id: id }, headers: once() });
}

export async function setDistinct(id: string, other: string, distinct: boolean): Promise<void> {
  if (distinct) {
    await call('post', '/api/clusters/{cluster_id}/distinct', { path: { cluster_id: id }, body: { cluster_id: other } });
  } else {
    await call('delete', '/api/clusters/{cluster_id}/distinct/{other_cluster_id}', {
      path: { cluster_id: id, other_cluster_id: other },
    });
  }
}

export async function setUnsure(id: string, other: string, unsure: boolean): Promise<void> {
  await call(unsure ? 'put' : 'delete', '/api/clusters/{cluster_id}/unsure/{other_cluster_id}', {
    path: { cluster_id: id, other_cluster_id: other },
  });
}

export async function deletePerson(id: string): Promise<void> {
  await call('delete', '/api/clusters/{cluster_id}', { path: { cluster_id: id } });
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text has the form of an id. */
export const isId = (text: string) => UUID.test(text.trim());
