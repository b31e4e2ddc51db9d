/** Saying what a correction did, with the way back. */
import type { Undo } from '../api/people';
import { asProblem, isAbort } from '../api/problem';
import { toast, toastProblem } from '../components/Toast';
import { words } from '../i18n';
import { createStore } from './store';

/** Grows when a correction was taken back: whatever shows people reads them again, in whichever view that happens. */
export const revision = createStore(0);

export function corrected(text: string, undo?: Undo): void {
  toast(
    text,
    undo &&
      (() => {
        undo().then(
          () => {
            toast(words().people.undone);
            revision.set(revision.get() + 1);
          },
          (thrown: unknown) => {
            if (!isAbort(thrown)) toastProblem(asProblem(thrown));
            // Of several corrections, some may have been taken back.
            revision.set(revision.get() + 1);
          },
        );
      }),
  );
}
