import { useEffect, useRef, useState } from 'preact/hooks';
import { consolidationDryRun, type MergeReport } from '../../api/health';
import { asProblem, isAbort, type ApiProblem } from '../../api/problem';
import { Button } from '../../components/Button';
import { PersonTag } from '../../components/PersonTag';
import { Picture } from '../../components/Picture';
import { Problem } from '../../components/Problem';
import { useWords } from '../../i18n';
import { number } from '../../i18n/format';
import { personLink } from '../../routes';

const SHOWN = 12;

interface State {
  people: number;
  found: readonly MergeReport[];
  running: boolean;
  problem: ApiProblem | null;
}

/** Asks the policy about everybody, page by page, and does nothing. */
export function ConsolidationDryRun() {
  const { consolidation: t } = useWords().health;
  const [state, setState] = useState<State>({ people: 0, found: [], running: true, problem: null });
  const abort = useRef(new AbortController());
  useEffect(() => {
    const { signal } = abort.current;
    consolidationDryRun(signal, (people, found) => setState((before) => ({ ...before, people, found }))).then(
      () => setState((before) => ({ ...before, running: false })),
      (thrown: unknown) => setState((before) => ({ ...before, running: false, problem: isAbort(thrown) ? null : asProblem(thrown) })),
    );
    return () => abort.current.abort();
  }, []);
  const { found } = state;
  return (
    <div class="card dry-run" role="status">
      <div class="section-head">
        <h3>{t.title}</h3>
        {state.running && (
          <Button small onClick={() => abort.current.abort()}>
            {t.cancel}
          </Button>
        )}
      </div>
      {state.running && (
        <div class="replay-progress">
          <progress aria-label={t.title} />
          <span>{t.running(number(state.people))}</span>
        </div>
      )}
      {state.problem && <Problem problem={state.problem} />}
      {!state.running && <p>{found.length === 0 ? t.none : t.found(found.length)}</p>}
      {found.length > 0 && (
        <>
          <ul class="dry-run-merges">
            {found.slice(0, SHOWN).map((merge) => (
              <li key={merge.source_cluster_id}>
                <Who id={merge.source_cluster_id} />
                <span class="dry-run-arrow" aria-hidden="true">
                  →
                </span>
                <Who id={merge.target_cluster_id} />
                <p class="small">
                  {merge.reason}
                  <br />
                  <span class="muted">{t.votes(number(merge.votes), number(merge.asked_faces))}</span>
                </p>
              </li>
            ))}
          </ul>
          <a href="#/pairs">{t.answer}</a>
        </>
      )}
    </div>
  );
}

function Who({ id }: { id: string }) {
  return (
    <a class="partition-person" href={`#${personLink(id)}`}>
      <Picture path={`/api/cluster/${id}/thumbnail`} alt="" />
      <PersonTag id={id} />
    </a>
  );
}
