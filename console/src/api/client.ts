/** Calls of the worker that served this page, and of no other host. */
import type { Answer, CallOptions, Method, Path } from './paths';
import type { WhoAmI } from './people-types';
import { ApiProblem, asProblem, isAbort, problemOf } from './problem';
import { hasKey, keyHeaders, lock, open } from './session';

/** The worker's root: the console is served one folder below it. In development it is the root itself. */
const ROOT = import.meta.env.DEV ? new URL('/', document.baseURI) : new URL('../', document.baseURI);

interface AnyOptions {
  path?: Record<string, string | number>;
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

function addressOf(path: string, options: AnyOptions): URL {
  const filled = path.replace(/\{\*?([a-z_]+)\}/g, (_, name: string) => encodeURIComponent(String(options.path?.[name])));
  const address = new URL(filled.replace(/^\//, ''), ROOT);
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== null) address.searchParams.set(name, String(value));
  }
  return address;
}

/** One request with the key. A key that is not accepted any more locks the console. */
async function request(method: string, path: string, options: AnyOptions): Promise<Response> {
  const headers: Record<string, string> = { ...keyHeaders(), ...options.headers };
  const init: RequestInit = { method: method.toUpperCase(), headers, cache: 'no-store', credentials: 'omit' };
  if (options.signal) init.signal = options.signal;
  const { body } = options;
  if (body instanceof FormData || body instanceof Blob) {
    init.body = body;
  } else if (body !== undefined) {
    headers['Content-Type'] ??= 'application/json';
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(addressOf(path, options), init);
  } catch (thrown) {
    throw isAbort(thrown) ? thrown : asProblem(thrown);
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.status === 401) lock();
  throw problem;
}

/** A call that answers JSON. Throws `ApiProblem`, or an `AbortError` when `signal` fired. */
export async function call<M extends Method, P extends Path>(
  method: M,
  path: P,
  ...[options]: object extends CallOptions<M, P> ? [CallOptions<M, P>?] : [CallOptions<M, P>]
): Promise<Answer<M, P>> {
  const response = await request(method, path, (options ?? {}) as AnyOptions);
  return (await response.json()) as Answer<M, P>;
}

/** The text of an answer that is not JSON, such as /metrics. */
export async function text(path: Path, signal?: AbortSignal): Promise<string> {
  const response = await request('get', path, signal ? { signal } : {});
  return response.text();
}

/** A picture, whose path may be one that an answer gave. */
export async function picture(address: string, signal: AbortSignal): Promise<Blob> {
  const response = await request('get', address, { signal });
  return response.blob();
}

/** Asks who a key makes the caller, and opens the console with it. Throws when it is not accepted. */
export async function signIn(key: string | null, signal?: AbortSignal): Promise<void> {
  const headers = keyHeaders(key);
  const init: RequestInit = { headers, cache: 'no-store', credentials: 'omit' };
  if (signal) init.signal = signal;
  let response: Response;
  try {
    response = await fetch(addressOf('/api/whoami', {}), init);
  } catch (thrown) {
    throw isAbort(thrown) ? thrown : asProblem(thrown);
  }
  if (response.ok) {
    open((await response.json()) as WhoAmI, key);
  } else {
    throw await problemOf(response);
  }
}

/** Goes on without a key where none is asked for, else asks for one. */
export async function start(): Promise<ApiProblem | null> {
  try {
    await signIn(null);
    return null;
  } catch (thrown) {
    const problem = asProblem(thrown);
    if (problem.status === 401 || hasKey()) {
      lock();
      return null;
    }
    if (problem.status === 404) {
      // A worker of before this route: it asks for a key with the first call, if at all.
      open({ role: 'admin', key_name: null, key_required: false }, null);
      return null;
    }
    return problem;
  }
}
