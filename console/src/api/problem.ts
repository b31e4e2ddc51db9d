import type { components } from './schema';

export type Problem = components['schemas']['Problem'];

/** A call that did not succeed, with what the worker said of it. */
export class ApiProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
    this.name = 'ApiProblem';
  }

  get code(): string {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }

  /** Seconds after which the call is worth repeating; null when that is not known. */
  get retryAfter(): number | null {
    return this.problem.retry_after ?? null;
  }
}

/** What no worker said: `detail` is the message of the browser or of the program. */
function local(code: string, status: number, detail: string): ApiProblem {
  return new ApiProblem({ type: 'about:blank', title: code, status, code, detail, request_id: '' });
}

/** The problem that an answer holds; answers of proxies in between hold none. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const header = Number(response.headers.get('Retry-After'));
  const retryAfter = Number.isFinite(header) && header > 0 ? header : undefined;
  try {
    const problem = (await response.json()) as Problem;
    if (typeof problem.code === 'string') {
      return new ApiProblem(retryAfter === undefined ? problem : { retry_after: retryAfter, ...problem });
    }
  } catch {
    // Not JSON: told by its status below.
  }
  const problem = local('unexpected_answer', response.status, `${response.status} ${response.statusText}`.trim());
  return retryAfter === undefined ? problem : new ApiProblem({ ...problem.problem, retry_after: retryAfter });
}

/** Whatever was thrown, as a problem. */
export function asProblem(thrown: unknown): ApiProblem {
  if (thrown instanceof ApiProblem) return thrown;
  if (thrown instanceof TypeError) return local('unreachable', 0, thrown.message);
  return local('unexpected', 0, thrown instanceof Error ? thrown.message : String(thrown));
}

/** The view was left before the answer came: nobody waits for it. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError';
}
