/** Photos, jobs and plugins: types of routes that clients/openapi.json does not have yet; see pending.ts. */
import type { Operation } from './pending';
import type { components } from './schema';

type Schemas = components['schemas'];

export type Bounds = readonly [number, number, number, number];

export interface PhotoSummary {
  file_id: string;
  tags: string[] | null;
  context: string | null;
  /** How many. */
  faces: number;
  cluster_ids: string[];
  /** Whether its URL is stored, so that the worker can fetch it again. */
  has_url: boolean;
}

export interface TagCount {
  name: string;
  photos: number;
}

export interface Reading {
  name: string;
  score: number;
  reason?: string | null;
}

export interface Readings {
  file_id: string;
  scored_tags: Reading[];
  context: { phrase: string; confidence: number; reason: string | null };
  plugins: Schemas['PluginIdentities'];
  /** Evidence that a plugin wants and the stored scene does not have. */
  lacking: string[];
  same_as_stored: boolean;
}

export interface Candidate {
  cluster_id: string;
  similarity: number;
  faces: number;
  representative_face_id: string;
  thumbnail: string;
}

export interface IdentifiedFace {
  bounding_box: number[];
  confidence: number;
  quality: number;
  age: number | null;
  gender: Schemas['Gender'] | null;
  /** Whom the policy would choose; null for somebody new. */
  cluster_id: string | null;
  reason: string;
  people: Candidate[];
}

export interface Identified {
  width: number;
  height: number;
  faces: IdentifiedFace[];
  tags: string[];
  context: string;
  degraded: string[];
  details: Schemas['Details'];
}

export interface ComparedFace {
  bounding_box: number[];
  confidence: number;
  quality: number;
}

export interface ComparedPhoto {
  width: number;
  height: number;
  faces: ComparedFace[];
}

export interface Comparison {
  first: ComparedPhoto;
  second: ComparedPhoto;
  /** A row for each face of the first photo. */
  similarities: number[][];
  threshold: number;
  best: { first: number; second: number; similarity: number; same: boolean } | null;
}

export interface Job {
  id: string | number;
  kind: 'batch' | 'replay' | 'consolidation' | 'backup' | 'verification' | 'reembedding';
  state: 'running' | 'done' | 'failed' | 'stopped';
  started_at: number;
  ended_at: number | null;
  done: number | null;
  total: number | null;
  failures: number;
  reason: string | null;
  slot: string | null;
}

export interface RecentFailure {
  at: number;
  kind: 'photo' | 'plugin' | 'job';
  code: string;
  detail: string;
  file_id: string | null;
  request_id: string | null;
  slot: string | null;
}

export interface PendingPhotoPaths {
  '/api/files': {
    get: Operation<
      { files: PhotoSummary[]; next: number | null },
      never,
      { tag?: string; cluster_id?: string; before?: number; limit?: number }
    >;
  };
  '/api/tags': { get: Operation<{ tags: TagCount[] }, never, { limit?: number }> };
  '/api/readings/{file_id}': { get: Operation<Readings, { file_id: string }> };
  '/api/reprocess': { post: Operation<Schemas['ProcessAnswer'], never, never, { file_id: string }> };
  '/api/identify': { post: Operation<Identified, never, { people?: number }, { image_url: string }> };
  '/api/compare': { post: Operation<Comparison, never, never, { image_urls: string[] }> };
  '/api/jobs': { get: Operation<{ jobs: Job[] }> };
  '/api/failures': { get: Operation<{ failures: RecentFailure[] }, never, { limit?: number }> };
}
