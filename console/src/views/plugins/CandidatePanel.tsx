import { useState } from 'preact/hooks';
import {
  readComponent,
  readSignature,
  SLOTS,
  startReplay,
  startShadow,
  swap,
  type Change,
  type Component,
  type Slot,
  type SlotReport,
} from '../../api/plugins';
import { Button } from '../../components/Button';
import { DropZone } from '../../components/photo/DropZone';
import { Problem } from '../../components/Problem';
import { toast } from '../../components/Toast';
import { useWords } from '../../i18n';
import { number } from '../../i18n/format';
import { useAction } from '../../lib/actions';
import { shortDigest } from './SlotCard';

interface Props {
  component: Component | null;
  /** What fills the component's slot. */
  active: SlotReport | null;
  onComponent(component: Component | null): void;
  onChanged(): void;
  onReplay(slot: Slot): void;
}

/** A component that somebody dropped: what it would change, beside the active one, in its place. */
export function CandidatePanel({ component, active, onComponent, onChanged, onReplay }: Props) {
  const { plugins: t } = useWords();
  const { candidate } = t;
  const [unread, setUnread] = useState<string | null>(null);
  const [signature, setSignature] = useState<Component['signature']>(null);
  const [trial, setTrial] = useState(true);
  const [change, setChange] = useState<Change | null>(null);
  const action = useAction(true);
  const take = async (file: File) => {
    setUnread(null);
    setChange(null);
    if (file.name.endsWith('.minisig')) {
      setSignature(await readSignature(file));
      return;
    }
    const read = await readComponent(file);
    if (read) onComponent(read);
    else setUnread(candidate.notWasm);
  };
  const signed = component && { ...component, signature };
  const replay = () =>
    action.run(async () => {
      if (!signed) return;
      await startReplay(signed, false);
      onReplay(signed.slot);
    });
  const shadow = () =>
    action.run(async () => {
      if (!signed) return;
      await startShadow(signed);
      toast(t.shadow.started);
      onChanged();
    });
  const put = () =>
    action.run(async () => {
      if (!signed) return;
      setChange(null);
      try {
        const done = await swap(signed, trial);
        setChange(done);
        toast(done.changed ? candidate.swap.done(`${done.active.name} ${done.active.version}`) : candidate.swap.unchanged);
      } finally {
        // A refusal is in the audit log, too.
        onChanged();
      }
    });
  return (
    <section class="candidate" aria-label={candidate.title}>
      <h2>{candidate.title}</h2>
      <DropZone
        title={candidate.drop}
        choose={candidate.choose}
        accept=".wasm,.minisig,application/wasm"
        multiple
        small
        onFile={(file) => void take(file)}
      />
      {unread !== null && (
        <p class="field-problem" role="alert">
          {unread}
        </p>
      )}
      {component && (
        <>
          <div class="card candidate-file">
            <dl class="facts">
              <div>
                <dt>{candidate.file}</dt>
                <dd>
                  {component.name} <span class="muted">({candidate.size(number(Math.ceil(component.bytes.byteLength / 1024)))})</span>
                </dd>
              </div>
              {component.digest !== null && (
                <div>
                  <dt>{t.digest}</dt>
                  <dd class="id" title={component.digest}>
                    {shortDigest(component.digest)}
                  </dd>
                </div>
              )}
              <div>
                <dt>{candidate.signature}</dt>
                <dd>{signature ? signature.name : <span class="muted">{candidate.noSignature}</span>}</dd>
              </div>
            </dl>
            <div class="candidate-slot">
              <label class="field">
                <span>{candidate.slot}</span>
                <select value={component.slot} onChange={(event) => onComponent({ ...component, slot: event.currentTarget.value as Slot })}>
                  {SLOTS.map((slot) => (
                    <option key={slot} value={slot}>
                      {t.slots[slot]}
                    </option>
                  ))}
                </select>
              </label>
              <Button
                kind="quiet"
                onClick={() => {
                  onComponent(null);
                  setSignature(null);
                  setChange(null);
                }}
              >
                {candidate.remove}
              </Button>
            </div>
            {component.digest !== null && component.digest === active?.digest && <p class="chip chip-info">{candidate.active}</p>}
          </div>
          <div class="steps">
            <div class="card step">
              <h3>{candidate.replay.title}</h3>
              <p class="muted small">{candidate.replay.why}</p>
              <Button kind="primary" busy={action.busy} onClick={() => void replay()}>
                {candidate.replay.go}
              </Button>
            </div>
            <div class="card step">
              <h3>{candidate.shadow.title}</h3>
              <p class="muted small">{candidate.shadow.why}</p>
              <Button busy={action.busy} onClick={() => void shadow()}>
                {candidate.shadow.go}
              </Button>
            </div>
            <div class="card step">
              <h3>{candidate.swap.title}</h3>
              <p class="muted small">{candidate.swap.why}</p>
              <label class="photo-toggle">
                <input type="checkbox" checked={trial} onChange={(event) => setTrial(event.currentTarget.checked)} />
                {candidate.swap.trial}
              </label>
              <Button busy={action.busy} onClick={() => void put()}>
                {candidate.swap.go}
              </Button>
            </div>
          </div>
        </>
      )}
      {action.problem && <Problem problem={action.problem} />}
      {change && <Outcome change={change} />}
    </section>
  );
}

/** What the trial came to. */
function Outcome({ change }: { change: Change }) {
  const { plugins: t } = useWords();
  const { trial } = change;
  return (
    <div class="card outcome" role="status">
      <p>
        <span class="chip chip-good">
          {change.changed ? t.candidate.swap.done(`${change.active.name} ${change.active.version}`) : t.candidate.swap.unchanged}
        </span>
      </p>
      <p class="small">
        <strong>{t.trial.title}:</strong>{' '}
        {trial ? t.trial.passed(number(trial.tried), number(trial.skipped), number(trial.took_ms)) : t.trial.none}
        {trial?.timed_out && ` ${t.trial.timedOut}`}
        {trial?.problem && ` ${trial.problem}`}
      </p>
    </div>
  );
}
