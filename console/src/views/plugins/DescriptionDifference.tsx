import { useState } from 'preact/hooks';
import type { DescriptionReport } from '../../api/plugins';
import { Button } from '../../components/Button';
import { Table } from '../../components/Table';
import { useWords } from '../../i18n';
import { number } from '../../i18n/format';
import { photoLink } from '../../routes';
import { PhotoThumb } from './PhotoThumb';

const ROWS_SHOWN = 12;

/** Tags and phrases that a candidate would change, with the photos. */
export function DescriptionDifference({ report }: { report: DescriptionReport }) {
  const { plugins, photo } = useWords();
  const { replay: t } = plugins;
  const [all, setAll] = useState(false);
  const tags = Object.entries(report.tags).sort(([, a], [, b]) => b.gained + b.lost - a.gained - a.lost);
  const lacking = Object.entries(report.missing_evidence).filter(([name, photos]) => name !== 'photos' && photos > 0);
  const changes = report.tags_changed + report.tags_reordered + report.contexts_changed;
  const counts = [
    [t.photos, report.photos],
    [t.tagsChanged, report.tags_changed],
    [t.reordered, report.tags_reordered],
    [t.contextsChanged, report.contexts_changed],
    [t.failures, report.failed],
    [t.lacking, report.missing_evidence.photos],
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
      {report.applied && (
        <p class="note">
          {t.applied(number(report.applied.written))}{' '}
          {report.applied.incomplete + report.applied.changed_meanwhile > 0 &&
            t.appliedLeft(number(report.applied.incomplete), number(report.applied.changed_meanwhile))}
        </p>
      )}
      {lacking.length > 0 && <p class="plugin-lacking">{t.lackingWhy(lacking.map(([name]) => name.replaceAll('_', ' ')).join(', '))}</p>}
      {changes === 0 && <p class="muted">{t.nothing}</p>}
      {tags.length > 0 && (
        <Table
          caption={t.tagTable}
          rows={all ? tags : tags.slice(0, ROWS_SHOWN)}
          rowKey={([name]) => name}
          columns={[
            { head: t.tag, cell: ([name]) => <strong>{name}</strong> },
            { head: t.gained, cell: ([, change]) => <Side sign="+" count={change.gained} photos={change.gained_in} /> },
            { head: t.lost, cell: ([, change]) => <Side sign="−" count={change.lost} photos={change.lost_in} /> },
          ]}
        />
      )}
      {tags.length > ROWS_SHOWN && !all && (
        <Button small kind="quiet" onClick={() => setAll(true)}>
          {t.all(number(tags.length))}
        </Button>
      )}
      {report.phrases.length > 0 && (
        <Table
          caption={t.phraseTable}
          rows={report.phrases}
          rowKey={(phrase) => `${phrase.before}\n${phrase.after}`}
          columns={[
            { head: t.before, cell: (phrase) => <del>{phrase.before}</del> },
            { head: t.after, cell: (phrase) => <strong>{phrase.after}</strong> },
            { head: t.photos, cell: (phrase) => <Side sign="" count={phrase.photos} photos={phrase.first} /> },
          ]}
        />
      )}
      {report.examples.length > 0 && (
        <>
          <h3>{t.examples}</h3>
          <ul class="examples">
            {report.examples.map((example) => (
              <li key={example.file_id}>
                <PhotoThumb fileId={example.file_id} large />
                <div>
                  <a class="photo-id" href={`#${photoLink(example.file_id)}`}>
                    {example.file_id}
                  </a>
                  {example.context && (
                    <p>
                      <del>{example.context.before}</del>
                      <br />
                      <strong>{example.context.after}</strong>
                    </p>
                  )}
                  <p class="plugin-tags">
                    {example.gained.map((tag) => (
                      <span key={tag} class="chip chip-good">
                        <span class="visually-hidden">{t.exampleGained}</span>+ {tag}
                      </span>
                    ))}
                    {example.lost.map((tag) => (
                      <span key={tag} class="chip chip-bad">
                        <span class="visually-hidden">{t.exampleLost}</span>− {tag}
                      </span>
                    ))}
                    {example.gained.length + example.lost.length === 0 && !example.context && <span class="muted">{t.reordered}</span>}
                  </p>
                </div>
              </li>
            ))}
          </ul>
        </>
      )}
      {report.failures.length > 0 && (
        <>
          <h3>{t.failureList}</h3>
          <ul class="failed-photos">
            {report.failures.map((failure) => (
              <li key={failure.file_id}>
                <a href={`#${photoLink(failure.file_id)}`} title={photo.title}>
                  {failure.file_id}
                </a>
                : {failure.error}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Side({ sign, count, photos }: { sign: string; count: number; photos: readonly string[] }) {
  if (count === 0) return <span class="muted">–</span>;
  return (
    <span class="side">
      <span class="side-count">
        {sign}
        {number(count)}
      </span>
      {photos.map((fileId) => (
        <PhotoThumb key={fileId} fileId={fileId} />
      ))}
    </span>
  );
}
