import { useState } from 'preact/hooks';
import { listJobs, startBackup, startVerification } from '../../api/health';
import type { RoleName } from '../../api/people-types';
import type { Job } from '../../api/photo-types';
import { mayDo } from '../../api/session';
import { Button } from '../../components/Button';
import { Loading } from '../../components/Loading';
import { Problem } from '../../components/Problem';
import { Table } from '../../components/Table';
import { toast } from '../../components/Toast';
import { useWords } from '../../i18n';
import { ago, number, time } from '../../i18n/format';
import { useAction } from '../../lib/actions';
import { useLoad } from '../../lib/load';
import { useWhileVisible } from '../../lib/poll';
import { ConsolidationDryRun } from './ConsolidationDryRun';
import { StoreJobs } from './StoreJobs';

const REFRESH_MS = 3_000;

const CHIP: Record<Job['state'], string> = { running: 'chip chip-info', done: 'chip chip-good', failed: 'chip chip-bad', stopped: 'chip chip-warn' };

/** What runs and what ran, and the jobs that can be started from here. */
export function Jobs({ role }: { role: RoleName | undefined }) {
  const words = useWords();
  const { jobs: t } = words.health;
  const loaded = useLoad(listJobs, []);
  const [dryRun, setDryRun] = useState(0);
  const action = useAction();
  useWhileVisible(() => loaded.loading || loaded.reload(), REFRESH_MS, loaded.data !== null);
  const start = (work: () => Promise<unknown>, said: string) =>
    action.run(async () => {
      await work();
      toast(said);
      loaded.reload();
    });
  const jobs = loaded.data;
  const ended = (kind: Job['kind']) => jobs?.find((job) => job.kind === kind) ?? null;
  return (
    <section class="health-section">
      <div class="section-head">
        <h2>{t.title}</h2>
        <div class="photo-actions">
          {mayDo(role, 'admin') && (
            <>
              <Button busy={action.busy} onClick={() => void start(startBackup, t.backupStarted)}>
                {t.backup}
              </Button>
              <Button busy={action.busy} onClick={() => void start(startVerification, t.verifyStarted)}>
                {t.verify}
              </Button>
            </>
          )}
          {mayDo(role, 'curate') && <Button onClick={() => setDryRun((n) => n + 1)}>{t.consolidate}</Button>}
        </div>
      </div>
      {dryRun > 0 && <ConsolidationDryRun key={dryRun} />}
      {mayDo(role, 'admin') && <StoreJobs backup={ended('backup')} verification={ended('verification')} />}
      {!jobs && (loaded.problem ? <Problem problem={loaded.problem} onRetry={loaded.reload} /> : <Loading />)}
      {jobs?.length === 0 && <p class="muted">{t.empty}</p>}
      {jobs && jobs.length > 0 && (
        <Table
          caption={t.table}
          rows={jobs}
          rowKey={(job) => job.id}
          columns={[
            {
              head: t.kind,
              cell: (job) => (
                <>
                  <strong>{t.kinds[job.kind]}</strong>
                  {job.slot !== null && <> · {words.plugins.slots[job.slot as keyof typeof words.plugins.slots] ?? job.slot}</>}
                </>
              ),
            },
            { head: t.state, cell: (job) => <span class={CHIP[job.state]}>{t.states[job.state]}</span> },
            { head: t.progress, cell: (job) => <Progress job={job} /> },
            { head: t.started, cell: (job) => <span class="nowrap" title={time(job.started_at)}>{ago(job.started_at)}</span> },
            {
              head: t.took,
              numeric: true,
              cell: (job) => (job.ended_at === null ? words.health.none : t.seconds(number(Math.max(0, Math.round(job.ended_at - job.started_at))))),
            },
            { head: t.reason, cell: (job) => job.reason !== null && <span class="reason">{job.reason}</span> },
          ]}
        />
      )}
    </section>
  );
}

function Progress({ job }: { job: Job }) {
  const { jobs: t } = useWords().health;
  const { done, total } = job;
  return (
    <span class="job-progress">
      {job.state === 'running' && <progress max={total ?? 1} value={total === null ? undefined : (done ?? 0)} aria-label={t.kinds[job.kind]} />}
      {done !== null && <span class="nowrap">{total === null ? number(done) : t.of(number(done), number(total))}</span>}
      {job.failures > 0 && <span class="chip chip-bad">{t.failures(number(job.failures))}</span>}
    </span>
  );
}
