import { useRef, useState } from 'preact/hooks';
import { asProblem, isAbort } from '../api/problem';
import { toastProblem } from '../components/Toast';

export interface Action {
  busy: boolean;
  /** Runs one correction at a time; says what went wrong in a toast. True when it succeeded. */
  run(work: () => Promise<void>): Promise<boolean>;
}

export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  return {
    busy,
    async run(work) {
      if (running.current) return false;
      running.current = true;
      setBusy(true);
      try {
        await work();
        return true;
      } catch (thrown) {
        if (!isAbort(thrown)) toastProblem(asProblem(thrown));
        return false;
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
  };
}
