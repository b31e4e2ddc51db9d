import { useRef, useState } from 'preact/hooks';
import { asProblem, isAbort, type ApiProblem } from '../api/problem';
import { toastProblem } from '../components/Toast';

export interface Action {
  busy: boolean;
  /** What went wrong, where it is not said in a toast. */
  problem: ApiProblem | null;
  /** Runs one correction at a time. True when it succeeded. */
  run(work: () => Promise<void>): Promise<boolean>;
}

/** In a dialog, `inline` keeps the problem for it: a toast would lie behind. */
export function useAction(inline = false): Action {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const running = useRef(false);
  return {
    busy,
    problem,
    async run(work) {
      if (running.current) return false;
      running.current = true;
      setBusy(true);
      setProblem(null);
      try {
        await work();
        return true;
      } catch (thrown) {
        if (isAbort(thrown)) return false;
        if (inline) setProblem(asProblem(thrown));
        else toastProblem(asProblem(thrown));
        return false;
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
  };
}
