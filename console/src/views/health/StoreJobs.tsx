import type { ComponentChildren } from 'preact';
import { getBackup, getVerification } from '../../api/health';
import type { Job } from '../../api/pendingPhotos';
import { useWords } from '../../i18n';
import { number } from '../../i18n/format';
import { useLoad } from '../../lib/load';

/** What the latest backup and the latest verification came to; nothing is asked about one that never ran. */
export function StoreJobs({ backup, verification }: { backup: Job | null; verification: Job | null }) {
  if (!backup && !verification) return null;
  return (
    <div class="store-jobs">
      {backup && <Backup key={`${backup.id} ${backup.state}`} />}
      {verification && <Verification key={`${verification.id} ${verification.state}`} />}
    </div>
  );
}

function Backup() {
  const { backup: t } = useWords().health;
  const { data } = useLoad(getBackup, []);
  if (!data) return null;
  const { report } = data;
  return (
    <Latest title={t.title}>
      {data.error !== null ? (
        <p class="field-problem">
          {t.failed}: {data.error}
        </p>
      ) : report === null ? (
        <p>{t.running}</p>
      ) : (
        <>
          <p class="id">{t.made(report.name, `${number(Math.ceil(report.bytes / 1024))} kB`)}</p>
          <p class="muted small">{t.counts(number(report.faces), number(report.clusters), number(report.photos))}</p>
        </>
      )}
    </Latest>
  );
}

function Verification() {
  const { verification: t, backup } = useWords().health;
  const { data } = useLoad(getVerification, []);
  if (!data) return null;
  const { report } = data;
  return (
    <Latest title={t.title}>
      {data.error !== null ? (
        <p class="field-problem">
          {t.failed}: {data.error}
        </p>
      ) : report === null ? (
        <p>{t.running}</p>
      ) : (
        <>
          <p>
            <span class={report.faults.length === 0 ? 'chip chip-good' : 'chip chip-bad'}>
              {report.faults.length === 0 ? t.sound : t.faults(report.faults.length)}
            </span>
          </p>
          <p class="muted small">{backup.counts(number(report.faces), number(report.clusters), number(report.photos))}</p>
          {report.faults.length > 0 && (
            <ul class="small faults">
              {report.faults.map((fault, at) => (
                <li key={at}>{fault}</li>
              ))}
            </ul>
          )}
        </>
      )}
    </Latest>
  );
}

function Latest({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="card store-job">
      <h3>{title}</h3>
      {children}
    </div>
  );
}
