/** Whose key the console uses. The key is in this module's memory only: whoever reloads the page enters it again. */
import { createStore } from '../lib/store';
import type { RoleName, WhoAmI } from './people-types';

export interface Session {
  /** `locked`: a key has to be entered before anything else. */
  state: 'starting' | 'locked' | 'open';
  who: WhoAmI | null;
  /** While locked: whether the console opens without a key, too. */
  optional: boolean;
  /** Grows with every key that is accepted, so that views are loaded anew. */
  generation: number;
}

let key: string | null = null;

export const session = createStore<Session>({ state: 'starting', who: null, optional: false, generation: 0 });

/** The headers that show the key. Both: a key of the role admin opens the doors of administrators, too. */
export function keyHeaders(candidate: string | null = key): Record<string, string> {
  return candidate === null ? {} : { 'X-API-Key': candidate, 'X-Admin-Key': candidate };
}

export function open(who: WhoAmI, accepted: string | null): void {
  key = accepted;
  session.set({ state: 'open', who, optional: false, generation: session.get().generation + 1 });
}

/** Forgets the key and asks for one. */
export function lock(): void {
  key = null;
  const { state, who, generation } = session.get();
  if (state === 'locked') return;
  session.set({ state: 'locked', who: null, optional: who?.key_required === false, generation });
}

export function hasKey(): boolean {
  return key !== null;
}

const RANK: Record<RoleName, number> = { process: 0, curate: 1, admin: 2 };

/** Whether a role may do what another one is asked for. */
export function mayDo(held: RoleName | undefined, asked: RoleName): boolean {
  return held !== undefined && RANK[held] >= RANK[asked];
}
