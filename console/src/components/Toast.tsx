import type { ApiProblem } from '../api/problem';
import { useWords, words } from '../i18n';
import { createStore, useStore } from '../lib/store';
import { Button } from './Button';
import { CloseIcon } from './icons';
import './toast.css';

interface Entry {
  id: number;
  text: string;
  bad: boolean;
  undo?: (() => void) | undefined;
}

/** A toast goes after this long; one with an undo stays longer. */
const SHOWN_MS = 6_000;
const SHOWN_WITH_UNDO_MS = 15_000;
const AT_MOST = 3;

const entries = createStore<readonly Entry[]>([]);
let last = 0;

function dismiss(id: number): void {
  entries.set(entries.get().filter((entry) => entry.id !== id));
}

/** Says what was done, with a way back where there is one. */
export function toast(text: string, undo?: () => void, bad = false): void {
  const id = (last += 1);
  entries.set([...entries.get(), { id, text, bad, undo }].slice(-AT_MOST));
  setTimeout(() => dismiss(id), undo || bad ? SHOWN_WITH_UNDO_MS : SHOWN_MS);
}

export function toastProblem(problem: ApiProblem): void {
  const { shell } = words();
  const wait = problem.retryAfter === null ? '' : ` (${problem.retryAfter} s)`;
  toast(problem.code === 'unreachable' ? shell.problem.unreachable : problem.problem.detail + wait, undefined, true);
}

export function Toasts() {
  const { shell } = useWords();
  return (
    <div class="toasts" role="status" aria-live="polite">
      {useStore(entries).map((entry) => (
        <div key={entry.id} class={entry.bad ? 'toast toast-bad' : 'toast'}>
          <span>{entry.text}</span>
          {entry.undo && (
            <Button
              small
              onClick={() => {
                dismiss(entry.id);
                entry.undo?.();
              }}
            >
              {shell.undo}
            </Button>
          )}
          <Button kind="quiet" small label={shell.dismiss} onClick={() => dismiss(entry.id)}>
            <CloseIcon />
          </Button>
        </div>
      ))}
    </div>
  );
}
