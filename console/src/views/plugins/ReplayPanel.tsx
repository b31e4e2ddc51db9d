import { useState } from 'preact/hooks';
import {
  getReplay,
  startReplay,
  type Component,
  type DescriptionReport,
  type ReplayStatus,
  type Slot,
  type SlotReport,
} from '../../api/plugins';
import { Button } from '../../components/Button';
import { Dialog, DialogActions } from '../../components/Dialog';
import { Loading } from '../../components/Loading';
import { Problem } from '../../components/Problem';
import { useWords } from '../../i18n';
import { number } from '../../i18n/format';
import { useAction } from '../../lib/actions';
import { useLoad } from '../../lib/load';
import { useWhileVisible } from '../../lib/poll';
import { DescriptionDifference } from './DescriptionDifference';
import { PeopleDifference } from './PeopleDifference';

const POLL_MS = 1_000;

interface Props {
  slot: Slot;
  /** What was dropped last: it is sent again to apply it. */
  component: Component | null;
  active: SlotReport | null;
  onClose(): void;
}

/** How far the latest replay of a slot is, then what would change. */
export function ReplayPanel({ slot, component, active, onClose }: Props) {
  const { plugins, shell } = useWords();
  const { replay: t } = plugins;
  const loaded = useLoad((signal) => getReplay(slot, signal), [slot]);
  const [applying, setApplying] = useState(false);
  const status = loaded.data;
  const running = status !== null && status.report === null && status.error === null;
  useWhileVisible(() => loaded.loading || loaded.reload(), POLL_MS, running);
  const report = status?.report ?? null;
  const isSame = component?.slot === slot && (component.digest === null || component.digest === report?.candidate.digest);
  return (
    <section class="card replay" aria-label={t.title(plugins.slots[slot])}>
      <header class="replay-head">
        <h2>{t.title(plugins.slots[slot])}</h2>
        <Button kind="quiet" small onClick={onClose}>
          {t.hide}
        </Button>
      </header>
      {loaded.problem && <Problem problem={loaded.problem} onRetry={loaded.reload} />}
      {!status && !loaded.problem && <Loading />}
      {running && <Progress status={status} />}
      {status?.error != null && (
        <p class="field-problem" role="alert">
          {t.failed}: {status.error}
        </p>
      )}
      {report && (
        <>
          <p class="muted">{t.of(`${report.candidate.name} ${report.candidate.version}`)}</p>
          {report.slot === 'cluster-policy' ? <PeopleDifference report={report} /> : <DescriptionDifference report={report} />}
          {report.slot !== 'cluster-policy' && report.applied === null && changes(report) > 0 && (
            <p class="replay-apply">
              <Button disabled={!isSame || !anyComplete(report)} onClick={() => setApplying(true)}>
                {t.apply}
              </Button>
              <span class="muted small">{!anyComplete(report) ? t.noneComplete : !isSame && t.again}</span>
            </p>
          )}
        </>
      )}
      {applying && component && (
        <Apply
          component={component}
          isActive={report?.candidate.digest === active?.digest}
          cancel={shell.cancel}
          onClose={() => setApplying(false)}
          onStarted={loaded.put}
        />
      )}
    </section>
  );
}

const changes = (report: DescriptionReport) => report.tags_changed + report.tags_reordered + report.contexts_changed;

/** A photo that lacks evidence is not changed. */
const anyComplete = (report: DescriptionReport) => report.missing_evidence.photos < report.photos;

function Progress({ status }: { status: ReplayStatus }) {
  const { replay: t } = useWords().plugins;
  return (
    <div class="replay-progress" role="status">
      <progress max={Math.max(1, status.total)} value={status.total === 0 ? undefined : status.done} aria-label={t.running} />
      <span>
        {t.running} {status.total > 0 && t.progress(number(status.done), number(status.total))}
      </span>
    </div>
  );
}

function Apply(props: { component: Component; isActive: boolean; cancel: string; onClose(): void; onStarted(status: ReplayStatus): void }) {
  const { replay: t } = useWords().plugins;
  const action = useAction(true);
  const confirm = () =>
    action.run(async () => {
      const status = await startReplay(props.component, true);
      props.onStarted(status);
      props.onClose();
    });
  return (
    <Dialog title={t.applyTitle} onClose={props.onClose}>
      <p>{t.applyWhy}</p>
      {!props.isActive && <p class="plugin-lacking">{t.applyNotActive}</p>}
      {action.problem && <Problem problem={action.problem} />}
      <DialogActions>
        <Button onClick={props.onClose}>{props.cancel}</Button>
        <Button kind="danger" busy={action.busy} onClick={() => void confirm()}>
          {t.applyConfirm}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
