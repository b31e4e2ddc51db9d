/** Names for parts of the answers about people, and about who asks. */
import type { components } from './schema';

type Schemas = components['schemas'];

/** What a key may do; each role may do what the ones before it may. */
export type RoleName = Schemas['KeyRole'];
export type WhoAmI = Schemas['WhoamiAnswer'];

export type Person = Schemas['ClusterAnswer'];
export type PersonDetails = Schemas['ClusterDetails'];
export type PersonPage = Schemas['ClusterPage'];
export type SimilarPerson = Schemas['SimilarCluster'];
export type SimilarPage = Schemas['SimilarClusterPage'];
export type PersonFace = Schemas['ClusterFace'];
export type PersonFacePage = Schemas['FacePage'];
export type HistoryKind = Schemas['CorrectionKind'];
export type HistoryEntry = Schemas['CorrectionEntry'];
export type HistoryPage = Schemas['HistoryAnswer'];
export type UndoAnswer = Schemas['UndoAnswer'];
export type Pair = Schemas['PairAnswer'];
export type PairPage = Schemas['PairPage'];
export type UnsureAnswer = Schemas['UnsureAnswer'];
