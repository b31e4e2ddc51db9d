import { listPluginChanges } from '../../api/plugins';
import { Pager } from '../../components/Pager';
import { Table } from '../../components/Table';
import { useWords } from '../../i18n';
import { time } from '../../i18n/format';
import { usePages } from '../../lib/load';
import { shortDigest } from './SlotCard';

/** Every swap, rollback and refusal, with the name of the key and the address it came from. */
export function Audit() {
  const { plugins } = useWords();
  const { audit: t } = plugins;
  const pages = usePages(listPluginChanges, []);
  const slotName = (slot: string) => plugins.slots[slot as keyof typeof plugins.slots] ?? slot;
  return (
    <section class="audit">
      <h2>{t.title}</h2>
      {pages.items.length > 0 && (
        <Table
          caption={t.table}
          rows={pages.items}
          rowKey={(entry) => entry.position}
          columns={[
            { head: t.when, cell: (entry) => <span class="nowrap">{time(Date.parse(entry.at) / 1000)}</span> },
            {
              head: t.what,
              cell: (entry) => (
                <span class={entry.event === 'swapped' || entry.event === 'rolled-back' ? 'chip' : 'chip chip-warn'}>
                  {t.events[entry.event as keyof typeof t.events] ?? entry.event}
                </span>
              ),
            },
            {
              head: t.which,
              cell: (entry) => (
                <>
                  {slotName(entry.slot ?? '')}
                  <br />
                  <span class="id muted" title={entry.digest}>
                    {shortDigest(entry.digest ?? '')}
                  </span>{' '}
                  <span class="muted">{entry.origin}</span>
                </>
              ),
            },
            { head: t.who, cell: (entry) => [entry.key, entry.address].filter(Boolean).join(', ') || t.itself },
            { head: t.why, cell: (entry) => <span class="reason">{entry.reason}</span> },
          ]}
        />
      )}
      {pages.items.length === 0 && !pages.loading && !pages.problem && !pages.hasMore ? (
        <p class="muted">{t.empty}</p>
      ) : (
        <Pager pages={pages} />
      )}
    </section>
  );
}
