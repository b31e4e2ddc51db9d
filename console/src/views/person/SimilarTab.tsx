import { listSimilar, merge, personThumbnail, setDistinct, setUnsure, type Undo } from '../../api/people';
import type { PersonDetails, SimilarPerson } from '../../api/people-types';
import { Button } from '../../components/Button';
import { Empty } from '../../components/Empty';
import { Pager } from '../../components/Pager';
import { PersonTag } from '../../components/PersonTag';
import { Picture } from '../../components/Picture';
import { useWords } from '../../i18n';
import { percent } from '../../i18n/format';
import { useAction } from '../../lib/actions';
import { usePages } from '../../lib/load';
import { faceCount } from '../../lib/person-words';
import { personLink } from '../../routes';
import type { PersonContext } from './PersonView';

interface Props {
  person: PersonDetails;
  context: PersonContext;
  onMerged(): void;
}

/** Who resembles this person, to be answered one by one. */
export function SimilarTab({ person, context, onMerged }: Props) {
  const { person: t } = useWords();
  const id = person.cluster_id;
  const pages = usePages((after: string | null, signal) => listSimilar(id, after, signal), [id]);
  const action = useAction();
  const mark = (other: SimilarPerson, marks: Partial<SimilarPerson>) =>
    pages.change((items) => items.map((item) => (item.cluster_id === other.cluster_id ? { ...item, ...marks } : item)));
  const answer = (work: () => Promise<Undo | null>, said: string, other: SimilarPerson, marks: Partial<SimilarPerson>) =>
    action.run(async () => {
      const undo = await work();
      mark(other, marks);
      context.done(said, undo ?? undefined);
    });
  const distinct = (other: SimilarPerson, value: boolean) =>
    answer(
      async () => {
        await setDistinct(id, other.cluster_id, value);
        return () => setDistinct(id, other.cluster_id, !value);
      },
      value ? t.similar.differentDone : t.history.done,
      other,
      { distinct: value },
    );
  const unsure = (other: SimilarPerson, value: boolean) =>
    answer(
      async () => {
        await setUnsure(id, other.cluster_id, value);
        return () => setUnsure(id, other.cluster_id, !value);
      },
      value ? t.similar.unsureDone : t.history.done,
      other,
      { unsure: value },
    );
  const same = (other: SimilarPerson) =>
    action.run(async () => {
      const undo = await merge(person, [other]);
      pages.change((items) => items.filter((item) => item.cluster_id !== other.cluster_id));
      context.done(t.similar.sameDone, undo);
      onMerged();
    });
  const shown = new Set(pages.items.map((item) => item.cluster_id));
  const others = person.distinct_cluster_ids.filter((other) => !shown.has(other));
  return (
    <>
      <p class="muted similar-why">{t.similar.why}</p>
      <ul class="similar">
        {pages.items.map((other) => (
          <SimilarCard
            key={other.cluster_id}
            other={other}
            busy={action.busy}
            mayCurate={context.mayCurate}
            onSame={() => void same(other)}
            onDistinct={(value) => void distinct(other, value)}
            onUnsure={(value) => void unsure(other, value)}
          />
        ))}
      </ul>
      {pages.items.length === 0 && !pages.loading && !pages.problem && <Empty title={t.similar.none} />}
      <Pager pages={pages} />
      {others.length > 0 && (
        <section class="others">
          <h2>{t.similar.others}</h2>
          <ul>
            {others.map((other) => (
              <li key={other}>
                <a href={`#${personLink(other)}`}>
                  <Picture path={`/api/cluster/${other}/thumbnail`} alt="" />
                  <PersonTag id={other} />
                </a>
                {context.mayCurate && (
                  <Button
                    small
                    busy={action.busy}
                    onClick={() =>
                      void action.run(async () => {
                        await setDistinct(id, other, false);
                        context.done(t.history.done, () => setDistinct(id, other, true));
                      })
                    }
                  >
                    {t.similar.takeBack}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

interface CardProps {
  other: SimilarPerson;
  busy: boolean;
  mayCurate: boolean;
  onSame(): void;
  onDistinct(value: boolean): void;
  onUnsure(value: boolean): void;
}

function SimilarCard({ other, busy, mayCurate, onSame, onDistinct, onUnsure }: CardProps) {
  const words = useWords();
  const { similar: t } = words.person;
  const marked = other.distinct || other.unsure;
  return (
    <li class="similar-card card" data-id={other.cluster_id}>
      <a class="similar-who" href={`#${personLink(other.cluster_id)}`}>
        <Picture path={personThumbnail(other)} alt="" />
        <span>
          <PersonTag id={other.cluster_id} />
          <span class="small muted">{faceCount(words, other.faces)}</span>
        </span>
      </a>
      <p class="similar-value">
        <span class="visually-hidden">{t.similarity}: </span>
        {percent(other.similarity)}
        {other.distinct && <span class="chip chip-info">{t.saidDifferent}</span>}
        {other.unsure && !other.distinct && <span class="chip chip-warn">{t.saidUnsure}</span>}
      </p>
      {mayCurate && (
        <div class="similar-actions">
          {!other.distinct && (
            <>
              <Button small disabled={busy} onClick={onSame}>
                {t.same}
              </Button>
              <Button small disabled={busy} onClick={() => onDistinct(true)}>
                {t.different}
              </Button>
            </>
          )}
          {!marked && (
            <Button small disabled={busy} onClick={() => onUnsure(true)}>
              {t.unsure}
            </Button>
          )}
          {marked && (
            <Button small disabled={busy} onClick={() => (other.distinct ? onDistinct(false) : onUnsure(false))}>
              {t.takeBack}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}
