import { useRef, useState } from 'preact/hooks';

/** What is selected of a list, and from where Shift selects on. */
export interface Selection {
  readonly size: number;
  has(id: string): boolean;
  toggle(ids: readonly string[], index: number): void;
  /** Selects the one at `index`, unless something was begun with already. */
  begin(ids: readonly string[], index: number): void;
  /** Selects from where it was begun to `index`. */
  extend(ids: readonly string[], index: number): void;
  all(ids: readonly string[]): void;
  clear(): void;
}

export function useSelection(): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const anchor = useRef<string | null>(null);
  // Two steps may follow each other before the component is drawn anew.
  const now = useRef(chosen);
  const set = (next: ReadonlySet<string>) => {
    now.current = next;
    setChosen(next);
  };
  return {
    size: chosen.size,
    has: (id) => chosen.has(id),
    toggle(ids, index) {
      const id = ids[index];
      if (id === undefined) return;
      const next = new Set(now.current);
      if (!next.delete(id)) next.add(id);
      anchor.current = id;
      set(next);
    },
    begin(ids, index) {
      const id = ids[index];
      if (id === undefined || now.current.size > 0) return;
      anchor.current = id;
      set(new Set([id]));
    },
    extend(ids, index) {
      const from = anchor.current === null ? index : ids.indexOf(anchor.current);
      const [low, high] = from < 0 ? [index, index] : [Math.min(from, index), Math.max(from, index)];
      if (from < 0 || anchor.current === null) anchor.current = ids[index] ?? null;
      set(new Set([...now.current, ...ids.slice(low, high + 1)]));
    },
    all: (ids) => set(new Set(ids)),
    clear() {
      anchor.current = null;
      set(new Set());
    },
  };
}
