/**
 * Types of routes that clients/openapi.json does not have yet, in the shape that openapi-typescript gives. Whatever is
 * here wins over the generated types; an entry goes as soon as the document has it.
 */
import type { PendingPhotoPaths } from './pendingPhotos';
import type { components } from './schema';

type Schemas = components['schemas'];

export interface Operation<Answer, Path = never, Query = never, Body = never> {
  parameters: { path?: Path; query?: Query };
  requestBody?: { content: { 'application/json': Body } };
  responses: { 200: { content: { 'application/json': Answer } } };
}

/** What a key may do; each role may do what the ones before it may. */
export type RoleName = 'process' | 'curate' | 'admin';

export interface WhoAmI {
  role: RoleName;
  key_name: string | null;
  key_required: boolean;
}

interface Shown {
  hidden: boolean;
  provisional: boolean;
}

export type Person = Schemas['ClusterAnswer'] & Shown;
export type PersonDetails = Schemas['ClusterDetails'] & Shown;
export type SimilarPerson = Schemas['SimilarCluster'] & Shown & { unsure: boolean };
export type PersonFace = Schemas['ClusterFace'] & { similarity?: number | null };

export interface PersonPage {
  clusters: Person[];
  next: string | null;
  next_key: number | null;
}

export interface SimilarPage {
  cluster_id: string;
  similar: SimilarPerson[];
  next: string | null;
}

export interface PersonFacePage {
  cluster_id: string;
  faces: PersonFace[];
  next: number | null;
}

export type HistoryKind =
  | 'merged'
  | 'unmerged'
  | 'split'
  | 'face_moved'
  | 'representative_chosen'
  | 'clusters_distinguished'
  | 'cluster_distinction_withdrawn'
  | 'faces_distinguished'
  | 'face_distinction_withdrawn'
  | 'face_rejected'
  | 'face_rejection_withdrawn'
  | 'hidden'
  | 'shown'
  | 'marked_unsure'
  | 'unsure_withdrawn'
  | 'consolidated';

export interface HistoryEntry {
  position: number;
  /** Seconds since 1970. */
  at: number;
  key: string | null;
  kind: HistoryKind;
  cluster_ids: string[];
  /** At most 100 of them; `faces` says how many there are. */
  face_ids: string[];
  faces: number;
  /** The position of the entry that this one takes back. */
  undoes: number | null;
  undone: boolean;
  undoable: boolean;
  why_not: string | null;
}

export interface HistoryPage {
  cluster_id: string;
  entries: HistoryEntry[];
  next: number | null;
}

export interface UndoAnswer {
  cluster_ids: string[];
  entry: HistoryEntry;
}

export interface Pair {
  first: Person;
  second: Person;
  similarity: number;
  /** Consolidation would merge them. */
  proposed: boolean;
  /** Somebody could not say whether they are one. */
  unsure: boolean;
  reason: string;
}

export interface PairPage {
  pairs: Pair[];
  next: string | null;
}

export interface UnsureAnswer {
  cluster_id: string;
  other_cluster_id: string;
  unsure: boolean;
}

type OfPerson = { cluster_id: string };

export interface PendingPaths extends PendingPhotoPaths {
  '/api/whoami': { get: Operation<WhoAmI> };
  '/api/clusters': {
    get: Operation<
      PersonPage,
      never,
      {
        sort?: 'id' | 'faces' | 'latest';
        hidden?: boolean;
        provisional?: boolean;
        after?: string;
        after_key?: number;
        limit?: number;
      }
    >;
  };
  '/api/clusters/{cluster_id}': {
    get: Operation<PersonDetails, OfPerson>;
    patch: Operation<Person, OfPerson, never, { hidden: boolean }>;
  };
  '/api/clusters/{cluster_id}/similar': {
    get: Operation<SimilarPage, OfPerson, { after?: string; limit?: number }>;
  };
  '/api/clusters/{cluster_id}/faces': {
    get: Operation<PersonFacePage, OfPerson, { sort?: 'stored' | 'fit'; after?: number; limit?: number }>;
  };
  '/api/clusters/{cluster_id}/history': {
    get: Operation<HistoryPage, OfPerson, { before?: number; limit?: number }>;
  };
  '/api/clusters/{cluster_id}/history/{position}/undo': {
    post: Operation<UndoAnswer, { cluster_id: string; position: number }>;
  };
  '/api/clusters/{cluster_id}/unsure/{other_cluster_id}': {
    put: Operation<UnsureAnswer, { cluster_id: string; other_cluster_id: string }>;
    delete: Operation<UnsureAnswer, { cluster_id: string; other_cluster_id: string }>;
  };
  '/api/pairs': { get: Operation<PairPage, never, { after?: string; limit?: number; unsure?: boolean }> };
}
