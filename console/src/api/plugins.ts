/** What the view of plugins asks the worker. */
import { call } from './client';
import type { Answer } from './paths';
import type { components } from './schema';

type Schemas = components['schemas'];

export type Slot = Schemas['Slot'];
export type SlotReport = Schemas['SlotReport'];
export type ShadowReport = Schemas['ShadowReport'];
export type ReplayStatus = Schemas['ReplayStatus'];
export type AuditEntry = Schemas['AuditEntry'];
export type Change = Schemas['Change'];
/** The difference in tags or phrases, and that in people. */
export type DescriptionReport = Schemas['DescriptionReport'];
export type PartitionReport = Schemas['PartitionReport'];

export const SLOTS = ['tagger', 'context-mapper', 'cluster-policy'] as const satisfies readonly Slot[];

export const listPlugins = async (signal: AbortSignal): Promise<SlotReport[]> =>
  (await call('get', '/api/plugins', { signal })) as unknown as SlotReport[];

/** A file that somebody chose, for a slot. */
export interface Component {
  name: string;
  bytes: ArrayBuffer;
  /** SHA-256 in hexadecimal; null where the browser does not compute it, as on a page without TLS. */
  digest: string | null;
  slot: Slot;
  signature: { name: string; base64: string } | null;
}

const MAGIC = [0x00, 0x61, 0x73, 0x6d];

/** The interface that a component exports stands in it by name, often; null when none of them does. */
function guessSlot(bytes: Uint8Array): Slot | null {
  const text = new TextDecoder('latin1').decode(bytes);
  const named = (slot: Slot) => text.split(`ai-worker:plugin/${slot}@`).length - 1;
  const best = [...SLOTS].sort((a, b) => named(b) - named(a))[0];
  return best && named(best) > 0 ? best : null;
}

/** Null when the file does not begin as WebAssembly does. */
export async function readComponent(file: File): Promise<Component | null> {
  const bytes = await file.arrayBuffer();
  const view = new Uint8Array(bytes);
  if (MAGIC.some((byte, at) => view[at] !== byte)) return null;
  const hash = globalThis.isSecureContext ? await crypto.subtle.digest('SHA-256', bytes) : null;
  const digest = hash && [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { name: file.name, bytes, digest, slot: guessSlot(view) ?? 'tagger', signature: null };
}

export async function readSignature(file: File): Promise<Component['signature']> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { name: file.name, base64: btoa(String.fromCharCode(...bytes)) };
}

function upload(component: Component) {
  return {
    path: { slot: component.slot },
    body: new Blob([component.bytes], { type: 'application/wasm' }),
    headers: component.signature ? { 'X-Plugin-Signature': component.signature.base64 } : {},
  };
}

export const swap = (component: Component, trial: boolean): Promise<Change> =>
  call('put', '/api/plugins/{slot}', { ...upload(component), query: { trial: trial ? 'on' : 'off' } });

export const rollBack = (slot: Slot): Promise<Change> => call('post', '/api/plugins/{slot}/rollback', { path: { slot } });

export const startShadow = (component: Component) => call('post', '/api/plugins/{slot}/shadow', upload(component));

export const endShadow = (slot: Slot) => call('delete', '/api/plugins/{slot}/shadow', { path: { slot } });

export const startReplay = (component: Component, apply: boolean): Promise<ReplayStatus> =>
  call('post', '/api/plugins/{slot}/replay', { ...upload(component), query: { apply } });

export const getReplay = (slot: Slot, signal: AbortSignal): Promise<ReplayStatus> =>
  call('get', '/api/plugins/{slot}/replay', { path: { slot }, signal });

/** How many positions of the log a page looks at. */
const ENTRIES_A_PAGE = 200;

/** Changes of plugins, the latest first. The log is in the other order, so pages are read from its end. */
export async function listPluginChanges(before: number | null, signal: AbortSignal) {
  let upper = before;
  if (upper === null) {
    const { latest } = await call('get', '/api/audit', { query: { limit: 1 }, signal });
    upper = latest + 1;
  }
  const items: AuditEntry[] = [];
  // Between changes of plugins there may be many corrections of people.
  for (let page = 0; page < 5 && upper > 1 && items.length === 0; page += 1) {
    const after = Math.max(0, upper - 1 - ENTRIES_A_PAGE);
    const answer: Answer<'get', '/api/audit'> = await call('get', '/api/audit', {
      query: { after, limit: ENTRIES_A_PAGE },
      signal,
    });
    const last = upper;
    items.push(...answer.entries.filter((entry) => entry.position < last && entry.slot !== undefined).reverse());
    upper = after + 1;
  }
  return { items, next: upper > 1 ? upper : null };
}
