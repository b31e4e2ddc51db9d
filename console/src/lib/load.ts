import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { asProblem, isAbort, type ApiProblem } from '../api/problem';

export interface Loaded<T> {
  /** What was loaded last; it stays while it is loaded anew. */
  data: T | null;
  problem: ApiProblem | null;
  loading: boolean;
  reload(): void;
  /** Puts in place what a correction answered, without another call. */
  put(data: T): void;
}

/** Loads when the view opens and when `inputs` change; leaving the view aborts it. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; problem: ApiProblem | null; loading: boolean }>({
    data: null,
    problem: null,
    loading: true,
  });
  const [round, setRound] = useState(0);
  const shown = useRef<string | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    // What belongs to other inputs must not be taken for what belongs to these.
    const now = JSON.stringify(inputs);
    const same = shown.current === now;
    shown.current = now;
    setState((before) => ({ data: same ? before.data : null, problem: null, loading: true }));
    load(abort.signal).then(
      (data) => abort.signal.aborted || setState({ data, problem: null, loading: false }),
      (thrown: unknown) => {
        if (!abort.signal.aborted && !isAbort(thrown)) {
          setState((before) => ({ data: before.data, problem: asProblem(thrown), loading: false }));
        }
      },
    );
    return () => abort.abort();
  }, [...inputs, round]);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  const put = useCallback((data: T) => setState({ data, problem: null, loading: false }), []);
  return { ...state, reload, put };
}

export interface Pages<T> {
  items: T[];
  loading: boolean;
  problem: ApiProblem | null;
  /** Whether there is a page after the last one that was loaded. */
  hasMore: boolean;
  /** Loads the next page, or the one that failed. */
  more(): void;
  reload(): void;
  /** Changes what is shown after a correction, without loading pages anew. */
  change(update: (items: T[]) => T[]): void;
}

interface PagesState<T, C> {
  items: T[];
  next: C | null;
  loading: boolean;
  problem: ApiProblem | null;
}

/** Loads page by page; `load` is given null for the first page, else the cursor that the page before answered. */
export function usePages<T, C>(
  load: (cursor: C | null, signal: AbortSignal) => Promise<{ items: T[]; next: C | null }>,
  inputs: readonly unknown[],
): Pages<T> {
  const [state, setState] = useState<PagesState<T, C>>({ items: [], next: null, loading: true, problem: null });
  const [round, setRound] = useState(0);
  const abort = useRef(new AbortController());
  const latest = useRef(state);
  latest.current = state;
  const loadPage = (cursor: C | null) => {
    const { signal } = abort.current;
    setState((before) => ({ ...before, loading: true, problem: null }));
    load(cursor, signal).then(
      (page) =>
        signal.aborted ||
        setState((before) => ({
          items: cursor === null ? page.items : [...before.items, ...page.items],
          next: page.next,
          loading: false,
          problem: null,
        })),
      (thrown: unknown) => {
        if (!signal.aborted && !isAbort(thrown)) {
          setState((before) => ({ ...before, loading: false, problem: asProblem(thrown) }));
        }
      },
    );
  };
  useEffect(() => {
    abort.current = new AbortController();
    setState({ items: [], next: null, loading: true, problem: null });
    loadPage(null);
    return () => abort.current.abort();
  }, [...inputs, round]);
  return {
    items: state.items,
    loading: state.loading,
    problem: state.problem,
    hasMore: state.next !== null,
    more: () => {
      if (!latest.current.loading) loadPage(latest.current.next);
    },
    reload: useCallback(() => setRound((n) => n + 1), []),
    change: useCallback((update) => setState((before) => ({ ...before, items: update(before.items) })), []),
  };
}
