/** Keys that a view listens to. `?` lists those that work at the moment. */
import { useEffect, useRef } from 'preact/hooks';
import { createStore } from './store';

export interface Shortcut {
  /** As in `KeyboardEvent.key`; letters in lower case. */
  keys: string[];
  what: string;
  run(event: KeyboardEvent): void;
}

export const shortcuts = createStore<readonly (readonly Shortcut[])[]>([]);

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));

/** Keys that mean something to whatever has the focus; they are shortcuts only where nothing has. */
const OF_THE_FOCUSED = [' ', 'Enter', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'];

/** Keys work while the component is there, and neither in fields nor under an open dialog. */
export function useShortcuts(list: readonly Shortcut[]): void {
  const latest = useRef(list);
  latest.current = list;
  const label = list.map((shortcut) => shortcut.keys.join() + shortcut.what).join();
  useEffect(() => {
    const mine = latest.current;
    shortcuts.set([...shortcuts.get(), mine]);
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]')) return;
      if (OF_THE_FOCUSED.includes(event.key) && event.target !== document.body) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const found = latest.current.find((shortcut) => shortcut.keys.includes(key));
      if (found) {
        event.preventDefault();
        found.run(event);
      }
    };
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('keydown', onKey);
      shortcuts.set(shortcuts.get().filter((other) => other !== mine));
    };
  }, [label]);
}
