import { useState } from 'preact/hooks';
import { rollBack, type SlotReport } from '../../api/plugins';
import { Button } from '../../components/Button';
import { Dialog, DialogActions } from '../../components/Dialog';
import { Problem } from '../../components/Problem';
import { toast } from '../../components/Toast';
import { useWords } from '../../i18n';
import { fine, number, time } from '../../i18n/format';
import { useAction } from '../../lib/actions';
import { Shadow } from './Shadow';

export const shortDigest = (digest: string) => digest.slice(0, 12);

const seconds = (at: string) => Date.parse(at) / 1000;

interface Props {
  report: SlotReport;
  onChanged(): void;
  /** Shows the difference that was found last, where there is one. */
  onReplay: (() => void) | undefined;
}

/** What fills a slot, and how it fares. */
export function SlotCard({ report, onChanged, onReplay }: Props) {
  const words = useWords();
  const { plugins: t } = words;
  const [leaving, setLeaving] = useState(false);
  const ms = (us: number | null) => (us === null ? t.none : t.milliseconds(fine(us / 1000)));
  const { data, last_failure: failure } = report;
  return (
    <section class="card slot" aria-label={t.slots[report.slot]}>
      <header class="slot-head">
        <div>
          <h2>{t.slots[report.slot]}</h2>
          <p class="muted small">{t.does[report.slot]}</p>
        </div>
        <span class={report.origin === 'built-in' ? 'chip' : 'chip chip-info'}>
          {report.origin === 'built-in' ? t.origin.builtIn : report.origin === 'uploaded' ? t.origin.uploaded : report.origin}
        </span>
      </header>
      <p class="slot-name">
        {report.name} <span class="muted">{report.version}</span>
      </p>
      <dl class="facts small">
        <div>
          <dt>{t.digest}</dt>
          <dd class="id" title={report.digest}>
            {shortDigest(report.digest)}
          </dd>
        </div>
        <div>
          <dt>{t.since}</dt>
          <dd>{report.since === null ? t.start : time(seconds(report.since))}</dd>
        </div>
        <div>
          <dt>{t.calls}</dt>
          <dd>{number(report.calls)}</dd>
        </div>
        <div>
          <dt>{t.failures}</dt>
          <dd>{report.failures > 0 ? <span class="chip chip-bad">{number(report.failures)}</span> : number(0)}</dd>
        </div>
        <div>
          <dt>{t.latency}</dt>
          <dd>
            {ms(report.p50_us)} / {ms(report.p99_us)}
          </dd>
        </div>
        <div>
          <dt>{t.onFailure}</dt>
          <dd>{t.fails[report.on_failure]}</dd>
        </div>
        {data && (
          <div>
            <dt>{t.dataKind[data.kind as keyof typeof t.dataKind] ?? t.data}</dt>
            <dd title={data.digest}>{data.built_in ? t.dataOf.builtIn : t.dataOf.own(shortDigest(data.digest))}</dd>
          </div>
        )}
      </dl>
      {report.tags_out_of_reach.length > 0 && (
        <details class="small">
          <summary>{t.outOfReach(report.tags_out_of_reach.length)}</summary>
          <p class="muted">{report.tags_out_of_reach.join(', ')}</p>
        </details>
      )}
      {failure && (
        <details class="small slot-failure">
          <summary>
            {t.lastFailure}, {time(seconds(failure.at))}
          </summary>
          <p>
            {failure.plugin.name} {failure.plugin.version}: {failure.error}
          </p>
          {failure.output && (
            <>
              <h3>{t.output}</h3>
              <pre class="output" tabIndex={0}>
                {failure.output}
              </pre>
            </>
          )}
        </details>
      )}
      {report.shadow && <Shadow slot={report.slot} report={report.shadow} onChanged={onChanged} />}
      {(report.previous_digest !== null || onReplay) && (
        <p class="slot-actions">
          {report.previous_digest !== null && (
            <Button small onClick={() => setLeaving(true)}>
              {t.rollback.button}
            </Button>
          )}
          {onReplay && (
            <Button small kind="quiet" onClick={onReplay}>
              {t.replay.show}
            </Button>
          )}
        </p>
      )}
      {leaving && <RollBack report={report} onClose={() => setLeaving(false)} onDone={onChanged} />}
    </section>
  );
}

function RollBack({ report, onClose, onDone }: { report: SlotReport; onClose(): void; onDone(): void }) {
  const { plugins: t, shell } = useWords();
  const action = useAction(true);
  const confirm = () =>
    action.run(async () => {
      const change = await rollBack(report.slot);
      toast(t.rollback.done(`${change.active.name} ${change.active.version}`));
      onClose();
      onDone();
    });
  return (
    <Dialog title={t.rollback.title(t.slots[report.slot])} onClose={onClose}>
      <p>{t.rollback.why(shortDigest(report.previous_digest ?? ''))}</p>
      {action.problem && <Problem problem={action.problem} />}
      <DialogActions>
        <Button onClick={onClose}>{shell.cancel}</Button>
        <Button kind="primary" busy={action.busy} onClick={() => void confirm()}>
          {t.rollback.confirm}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
