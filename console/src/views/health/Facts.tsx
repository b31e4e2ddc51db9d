import type { Health } from '../../api/health';
import { CheckIcon, CloseIcon } from '../../components/icons';
import { Table } from '../../components/Table';
import { useWords } from '../../i18n';
import { number } from '../../i18n/format';

/** Device, store, evidence and models. */
export function Facts({ health }: { health: Health }) {
  const { health: t } = useWords();
  const { device, vector_store: store } = health;
  const count = (value: number | null) => (value === null ? t.none : number(value));
  return (
    <>
      <div class="health-facts">
        <section class="card">
          <h2>{t.device.title}</h2>
          <p class="health-big">{t.device.names[device.selected]}</p>
          {device.rejected.length === 0 ? (
            <p class="muted small">{t.device.best}</p>
          ) : (
            <>
              <h3>{t.device.rejected}</h3>
              <ul class="small rejected">
                {device.rejected.map((rejected) => (
                  <li key={rejected.device}>
                    <strong>{t.device.names[rejected.device]}:</strong> {rejected.reason}
                  </li>
                ))}
              </ul>
            </>
          )}
        </section>
        <section class="card">
          <h2>{t.store.title}</h2>
          <p class="health-big">{t.store.kinds[store.kind as keyof typeof t.store.kinds] ?? store.kind}</p>
          <dl class="counts">
            <div>
              <dt>{t.store.people}</dt>
              <dd>{count(store.clusters)}</dd>
            </div>
            <div>
              <dt>{t.store.faces}</dt>
              <dd>{count(store.faces)}</dd>
            </div>
          </dl>
          <p class={store.problem === null ? 'muted small' : 'field-problem'}>{store.problem ?? t.store.sound}</p>
        </section>
        <section class="card">
          <h2>{t.evidence.title}</h2>
          <p class="muted small">{t.evidence.about}</p>
          <ul class="evidence-list">
            {Object.entries(health.evidence).map(([name, there]) => (
              <li key={name} class={there ? 'evidence-there' : 'muted'}>
                {there ? <CheckIcon /> : <CloseIcon />}
                {t.evidence.names[name as keyof typeof t.evidence.names] ?? name}
                <span class="visually-hidden">: {there ? t.evidence.there : t.evidence.missing}</span>
              </li>
            ))}
          </ul>
          {health.tags_out_of_reach.length > 0 && (
            <details class="small">
              <summary>{t.evidence.outOfReach(health.tags_out_of_reach.length)}</summary>
              <p class="muted">{health.tags_out_of_reach.join(', ')}</p>
            </details>
          )}
        </section>
      </div>
      <section class="health-section">
        <h2>{t.models.title(health.model_set)}</h2>
        <Table
          caption={t.models.table}
          rows={health.models}
          rowKey={(model) => `${model.role} ${model.name}`}
          columns={[
            { head: t.models.name, cell: (model) => <strong>{model.name}</strong> },
            { head: t.models.role, cell: (model) => model.role },
            { head: t.models.architecture, cell: (model) => model.architecture },
            { head: t.models.precision, cell: (model) => model.precision },
            {
              head: t.models.loaded,
              cell: (model) => <span class={model.loaded ? 'chip chip-good' : 'chip'}>{model.loaded ? t.models.yes : t.models.no}</span>,
            },
          ]}
        />
      </section>
    </>
  );
}
