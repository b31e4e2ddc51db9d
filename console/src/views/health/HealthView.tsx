import { getHealth } from '../../api/health';
import { mayDo, session } from '../../api/session';
import { Loading } from '../../components/Loading';
import { Problem } from '../../components/Problem';
import { useWords } from '../../i18n';
import { useLoad } from '../../lib/load';
import { useWhileVisible } from '../../lib/poll';
import { useStore } from '../../lib/store';
import { Charts } from './Charts';
import { Facts } from './Facts';
import { Failures } from './Failures';
import { Jobs } from './Jobs';
import './health.css';

const REFRESH_MS = 15_000;

/** Whether the worker is well: its load, its jobs, what failed, and what it is made of. */
export function HealthView() {
  const { health: t } = useWords();
  const loaded = useLoad(getHealth, []);
  const role = useStore(session).who?.role;
  useWhileVisible(() => loaded.loading || loaded.reload(), REFRESH_MS, loaded.data !== null);
  const health = loaded.data;
  const isOk = health?.status === 'ok';
  return (
    <>
      <header class="view-head">
        <h1>{t.title}</h1>
        {health && (
          <>
            <span class="muted small">{t.version(health.version)}</span>
            <span class={isOk ? 'chip chip-good status' : 'chip chip-bad status'}>{isOk ? t.status.ok : t.status.degraded}</span>
          </>
        )}
      </header>
      {!health && (loaded.problem ? <Problem problem={loaded.problem} onRetry={loaded.reload} /> : <Loading />)}
      <div class="health">
        {health?.vector_store.problem != null && (
          <p class="health-problem" role="alert">
            <strong>{t.store.title}:</strong> {health.vector_store.problem}
          </p>
        )}
        <Charts />
        <Jobs role={role} />
        {mayDo(role, 'curate') && <Failures />}
        {health && <Facts health={health} />}
      </div>
    </>
  );
}
