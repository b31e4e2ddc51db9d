import type { PartitionReport } from '../../api/plugins';
import { PersonTag } from '../../components/PersonTag';
import { Picture } from '../../components/Picture';
import { useWords } from '../../i18n';
import { number } from '../../i18n/format';
import { personLink } from '../../routes';

/** People whom a candidate policy would bring together or take apart. */
export function PeopleDifference({ report }: { report: PartitionReport }) {
  const { replay } = useWords().plugins;
  const { people: t } = replay;
  const counts = [
    [t.faces, report.faces],
    [t.before, report.clusters_before],
    [t.after, report.clusters_after],
    [t.moved, report.faces_moved],
    [replay.failures, report.failed],
  ] as const;
  return (
    <>
      <dl class="counts">
        {counts.map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{number(count)}</dd>
          </div>
        ))}
      </dl>
      {report.merges_found + report.splits_found === 0 && <p class="muted">{replay.nothing}</p>}
      {report.merges.length > 0 && (
        <>
          <h3>
            {t.merges} ({number(report.merges_found)})
          </h3>
          <ul class="partition">
            {report.merges.map((merge) => (
              <li key={merge.clusters.map((cluster) => cluster.cluster_id).join()}>
                {merge.clusters.map((cluster) => (
                  <Who key={cluster.cluster_id} id={cluster.cluster_id} what={t.faceCount(number(cluster.faces))} />
                ))}
              </li>
            ))}
          </ul>
        </>
      )}
      {report.splits.length > 0 && (
        <>
          <h3>
            {t.splits} ({number(report.splits_found)})
          </h3>
          <ul class="partition">
            {report.splits.map((split) => (
              <li key={split.cluster_id}>
                <Who id={split.cluster_id} what={t.parts(split.parts.map(number).join(' + '))} />
              </li>
            ))}
          </ul>
        </>
      )}
      <p class="muted small">{t.noApply}</p>
    </>
  );
}

function Who({ id, what }: { id: string; what: string }) {
  return (
    <a class="partition-person" href={`#${personLink(id)}`}>
      <Picture path={`/api/cluster/${id}/thumbnail`} alt="" />
      <PersonTag id={id} />
      <span class="small muted">{what}</span>
    </a>
  );
}
