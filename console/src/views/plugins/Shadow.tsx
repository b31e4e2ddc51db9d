import { endShadow, type ShadowReport, type Slot } from '../../api/plugins';
import { Button } from '../../components/Button';
import { toast } from '../../components/Toast';
import { useWords } from '../../i18n';
import { number } from '../../i18n/format';
import { useAction } from '../../lib/actions';

/** A candidate that answers beside the active plugin, and where it differed. */
export function Shadow({ slot, report, onChanged }: { slot: Slot; report: ShadowReport; onChanged(): void }) {
  const { shadow: t } = useWords().plugins;
  const action = useAction();
  const stop = () =>
    action.run(async () => {
      await endShadow(slot);
      toast(t.stopped);
      onChanged();
    });
  const counts = [
    [t.compared, report.compared],
    [t.different, report.different],
    [t.failed, report.failed],
    [t.skipped, report.skipped],
  ] as const;
  return (
    <div class="shadow">
      <h3>{t.title}</h3>
      <p class="small">
        {report.candidate.name} {report.candidate.version}
      </p>
      <dl class="counts">
        {counts.map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{number(count)}</dd>
          </div>
        ))}
      </dl>
      {report.examples.length > 0 && (
        <details class="small">
          <summary>{t.examples(report.examples.length)}</summary>
          <ul class="shadow-examples">
            {report.examples.map((example, at) => (
              <li key={at}>
                <Said title={t.active} said={example.active} />
                <Said title={t.candidate} said={example.candidate} />
              </li>
            ))}
          </ul>
        </details>
      )}
      <Button small busy={action.busy} onClick={() => void stop()}>
        {t.stop}
      </Button>
    </div>
  );
}

/** An answer in the shape of its slot: a list of tags, a phrase, or a decision. */
function Said({ title, said }: { title: string; said: unknown }) {
  const short = typeof said === 'string' ? said : JSON.stringify(said, (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(3)) : value));
  return (
    <p>
      <span class="muted">{title}:</span> <code>{short}</code>
    </p>
  );
}
