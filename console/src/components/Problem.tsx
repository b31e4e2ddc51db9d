import { useEffect, useState } from 'preact/hooks';
import type { ApiProblem } from '../api/problem';
import { useWords } from '../i18n';
import { Button } from './Button';
import './states.css';

/** The longest that a view waits by itself before it repeats a call that the worker put off, in seconds. */
const LONGEST_WAIT = 60;

interface Props {
  problem: ApiProblem;
  /** Repeats the call. Done by itself when the worker said after how long. */
  onRetry?: (() => void) | undefined;
}

export function Problem({ problem, onRetry }: Props) {
  const { shell } = useWords();
  const wait = onRetry && problem.retryAfter !== null && problem.retryAfter <= LONGEST_WAIT ? problem.retryAfter : null;
  const [left, setLeft] = useState(wait);
  useEffect(() => {
    setLeft(wait);
    if (wait === null) return undefined;
    let seconds = wait;
    const timer = setInterval(() => {
      seconds -= 1;
      setLeft(seconds);
      if (seconds <= 0) {
        clearInterval(timer);
        onRetry?.();
      }
    }, 1000);
    return () => clearInterval(timer);
  }, [problem]);
  return (
    <div class="state problem" role="alert">
      <p class="state-title">{shell.problem.title}</p>
      <p>{problem.code === 'unreachable' ? shell.problem.unreachable : problem.problem.detail}</p>
      <p class="state-detail">
        <code>{problem.code}</code>
        {problem.problem.request_id && <> · {shell.problem.request(problem.problem.request_id)}</>}
      </p>
      {problem.problem.output && <pre class="output">{problem.problem.output}</pre>}
      {onRetry && (
        <p class="state-actions">
          <Button onClick={onRetry}>{shell.retry}</Button>
          {left !== null && left > 0 && <span aria-live="off">{shell.retryIn(left)}</span>}
        </p>
      )}
    </div>
  );
}
