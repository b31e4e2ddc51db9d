/** What the views of photos ask the worker. */
import { call } from './client';
import type { Answer } from './paths';
import type { Comparison, Identified, PhotoSummary, Readings, TagCount } from './pendingPhotos';

/** `has_url` tells whether the worker can fetch the photo again. */
export type StoredPhoto = Answer<'get', '/api/files/{file_id}'> & { has_url?: boolean };
export type StoredFace = StoredPhoto['faces'][number];

export interface PhotoFilter {
  tag: string | null;
  person: string | null;
}

const PHOTOS_A_PAGE = 40;
const TAGS_AT_MOST = 200;
/** Candidates that `identify` names for each face. */
const CANDIDATES = 5;

export async function listPhotos(filter: PhotoFilter, before: number | null, signal: AbortSignal) {
  const page = await call('get', '/api/files', {
    signal,
    query: {
      limit: PHOTOS_A_PAGE,
      ...(filter.tag !== null && { tag: filter.tag }),
      ...(filter.person !== null && { cluster_id: filter.person }),
      ...(before !== null && { before }),
    },
  });
  return { items: page.files as PhotoSummary[], next: page.next };
}

export const listTags = async (signal: AbortSignal): Promise<TagCount[]> =>
  (await call('get', '/api/tags', { query: { limit: TAGS_AT_MOST }, signal })).tags;

export const getPhoto = (id: string, signal: AbortSignal): Promise<StoredPhoto> =>
  call('get', '/api/files/{file_id}', { path: { file_id: id }, query: { details: true }, signal });

export const getReadings = (id: string, signal: AbortSignal): Promise<Readings> =>
  call('get', '/api/readings/{file_id}', { path: { file_id: id }, signal });

/** The path of a stored photo, fetched again by the worker from where it came. */
export const photoPicture = (id: string, longest: number): string =>
  `/api/pictures/${encodeURIComponent(id)}?longest=${longest}`;

export const reprocess = (id: string) => call('post', '/api/reprocess', { body: { file_id: id } });

export const deletePhoto = (id: string) => call('delete', '/api/files/{file_id}', { path: { file_id: id } });

/** A photo that is not stored: a file of this machine, or an address that the worker fetches. */
export type Source = { file: File } | { url: string };

export function identify(source: Source, signal: AbortSignal): Promise<Identified> {
  const query = { people: CANDIDATES };
  if ('url' in source) return call('post', '/api/identify', { body: { image_url: source.url }, query, signal });
  const form = new FormData();
  form.set('photo', source.file);
  return call('post', '/api/identify', { body: form, query, signal });
}

export function compare(first: File, second: File, signal: AbortSignal): Promise<Comparison> {
  const form = new FormData();
  form.set('first', first);
  form.set('second', second);
  return call('post', '/api/compare', { body: form, signal });
}
