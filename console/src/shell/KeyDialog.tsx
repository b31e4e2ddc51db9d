import { useId, useState } from 'preact/hooks';
import { signIn, start } from '../api/client';
import { asProblem, type ApiProblem } from '../api/problem';
import { session } from '../api/session';
import { Button } from '../components/Button';
import { Dialog, DialogActions } from '../components/Dialog';
import { useWords } from '../i18n';
import { useStore } from '../lib/store';

export function KeyDialog() {
  const { shell } = useWords();
  const { optional } = useStore(session);
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const input = useId();
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(key.trim());
    } catch (thrown) {
      setProblem(asProblem(thrown));
      setBusy(false);
    }
  };
  const said =
    problem === null
      ? null
      : problem.status === 401
        ? shell.key.wrong
        : problem.code === 'unreachable'
          ? shell.problem.unreachable
          : problem.problem.detail + (problem.retryAfter === null ? '' : ` (${problem.retryAfter} s)`);
  return (
    <Dialog title={shell.key.title} onClose={optional ? () => void start() : undefined}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <p>{optional ? shell.key.whyMore : shell.key.why}</p>
        {/* Password managers want a name beside the password. */}
        <input class="visually-hidden" type="text" autocomplete="username" value="ai-worker" tabIndex={-1} aria-hidden="true" readOnly />
        <label class="field" for={input}>
          <span>{shell.key.label}</span>
          <input
            id={input}
            type="password"
            autocomplete="current-password"
            required
            autofocus
            value={key}
            aria-invalid={problem !== null}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        {said !== null && (
          <p class="field-problem" role="alert">
            {said}
          </p>
        )}
        <DialogActions>
          <Button type="submit" kind="primary" busy={busy}>
            {shell.key.open}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
