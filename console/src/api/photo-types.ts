/** Names for parts of the answers about photos and jobs. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type PhotoSummary = Schemas['FilesPage']['files'][number];
export type TagCount = Schemas['TagList']['tags'][number];
export type Readings = Schemas['ReadingAnswer'];
export type Identified = Schemas['IdentifyAnswer'];
export type IdentifiedFace = Identified['faces'][number];
/** A stored person whom a face resembles. */
export type Candidate = IdentifiedFace['people'][number];
export type Comparison = Schemas['CompareAnswer'];
export type ComparedPhoto = Comparison['first'];
export type Job = Schemas['JobList']['jobs'][number];
export type RecentFailure = Schemas['FailureList']['failures'][number];
