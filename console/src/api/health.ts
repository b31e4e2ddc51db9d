/** What the view of health and jobs asks the worker. */
import { call } from './client';
import type { Answer } from './paths';
import type { Job, RecentFailure } from './pendingPhotos';
import type { components } from './schema';

export type Health = components['schemas']['Health'];
export type BackupStatus = components['schemas']['BackupStatus'];
export type VerificationStatus = components['schemas']['VerificationStatus'];
export type MergeReport = components['schemas']['MergeReport'];

const FAILURES_AT_MOST = 50;
/** How many people one call of a dry run looks at. */
const PEOPLE_A_CALL = 200;

export const getHealth = (signal: AbortSignal): Promise<Health> => call('get', '/health', { signal });

export const listJobs = async (signal: AbortSignal): Promise<Job[]> => (await call('get', '/api/jobs', { signal })).jobs;

export const listFailures = async (signal: AbortSignal): Promise<RecentFailure[]> =>
  (await call('get', '/api/failures', { query: { limit: FAILURES_AT_MOST }, signal })).failures;

export const startBackup = () => call('post', '/api/store/backup');
export const startVerification = () => call('post', '/api/store/verify');
export const getBackup = (signal: AbortSignal): Promise<BackupStatus> => call('get', '/api/store/backup', { signal });
export const getVerification = (signal: AbortSignal): Promise<VerificationStatus> => call('get', '/api/store/verify', { signal });

/** Whom consolidation would merge. Nothing is done. `told` hears how many people were looked at, and what was found. */
export async function consolidationDryRun(signal: AbortSignal, told: (people: number, found: readonly MergeReport[]) => void): Promise<void> {
  const found: MergeReport[] = [];
  let people = 0;
  let after: string | null = null;
  do {
    const page: Answer<'post', '/api/clusters/consolidate'> = await call('post', '/api/clusters/consolidate', {
      body: { dry_run: true, after, limit: PEOPLE_A_CALL },
      signal,
    });
    people += page.clusters;
    found.push(...page.merges);
    after = page.next;
    told(people, [...found]);
  } while (after !== null);
}
