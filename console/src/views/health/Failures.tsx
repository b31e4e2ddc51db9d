import { listFailures } from '../../api/health';
import { Loading } from '../../components/Loading';
import { Problem } from '../../components/Problem';
import { Table } from '../../components/Table';
import { useWords } from '../../i18n';
import { ago, time } from '../../i18n/format';
import { useLoad } from '../../lib/load';
import { useWhileVisible } from '../../lib/poll';
import { photoLink } from '../../routes';

const REFRESH_MS = 10_000;

/** What failed lately, and why. */
export function Failures() {
  const words = useWords();
  const { failures: t } = words.health;
  const loaded = useLoad(listFailures, []);
  useWhileVisible(() => loaded.loading || loaded.reload(), REFRESH_MS, loaded.data !== null);
  return (
    <section class="health-section">
      <h2>{t.title}</h2>
      {!loaded.data && (loaded.problem ? <Problem problem={loaded.problem} onRetry={loaded.reload} /> : <Loading />)}
      {loaded.data?.length === 0 && <p class="muted">{t.empty}</p>}
      {loaded.data && loaded.data.length > 0 && (
        <Table
          caption={t.table}
          rows={loaded.data}
          rowKey={(failure) => `${failure.at} ${failure.request_id ?? ''} ${failure.file_id ?? ''} ${failure.code}`}
          columns={[
            { head: t.when, cell: (failure) => <span class="nowrap" title={time(failure.at)}>{ago(failure.at)}</span> },
            {
              head: t.what,
              cell: (failure) => (
                <>
                  <span class="chip chip-bad">{t.kinds[failure.kind]}</span>
                  <br />
                  <code>{failure.code}</code>
                </>
              ),
            },
            { head: t.why, cell: (failure) => <span class="reason">{failure.detail}</span> },
            {
              head: t.where,
              cell: (failure) => (
                <>
                  {failure.file_id !== null && (
                    <a class="failure-file" href={`#${photoLink(failure.file_id)}`}>
                      {failure.file_id}
                    </a>
                  )}
                  {failure.slot !== null && (words.plugins.slots[failure.slot as keyof typeof words.plugins.slots] ?? failure.slot)}
                  {failure.request_id !== null && (
                    <span class="muted failure-request" title={failure.request_id}>
                      {t.request(failure.request_id.slice(0, 8))}
                    </span>
                  )}
                </>
              ),
            },
          ]}
        />
      )}
    </section>
  );
}
