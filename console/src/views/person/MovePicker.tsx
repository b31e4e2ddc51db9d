import { useState } from 'preact/hooks';
import { isId, listSimilar, personThumbnail } from '../../api/people';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { Pager } from '../../components/Pager';
import { PersonTag } from '../../components/PersonTag';
import { Picture } from '../../components/Picture';
import { useWords } from '../../i18n';
import { percent } from '../../i18n/format';
import { usePages } from '../../lib/load';
import { personName } from '../../lib/person-words';

interface Props {
  id: string;
  faces: readonly string[];
  busy: boolean;
  onClose(): void;
  onPick(target: string): void;
}

/** Asks into whom faces are moved: somebody who resembles this person, or anybody by id. */
export function MovePicker({ id, faces, busy, onClose, onPick }: Props) {
  const words = useWords();
  const { picker: t } = words.person;
  const pages = usePages((after: string | null, signal) => listSimilar(id, after, signal), [id]);
  const [text, setText] = useState('');
  const [said, setSaid] = useState<string | null>(null);
  const submit = (event: Event) => {
    event.preventDefault();
    const target = text.trim().toLowerCase();
    if (!isId(target)) setSaid(words.people.search.notAnId);
    else if (target === id) setSaid(t.here);
    else onPick(target);
  };
  return (
    <Dialog title={t.title(faces.length)} onClose={onClose} wide>
      <section>
        <h3>{t.similar}</h3>
        <ul class="picker">
          {pages.items.map((person) => (
            <li key={person.cluster_id}>
              <button
                type="button"
                disabled={busy}
                aria-label={`${personName(words, person)}, ${percent(person.similarity)}`}
                onClick={() => onPick(person.cluster_id)}
              >
                <Picture path={personThumbnail(person)} alt="" />
                <span class="neighbour-fit">{percent(person.similarity)}</span>
                <PersonTag id={person.cluster_id} />
              </button>
            </li>
          ))}
        </ul>
        {pages.items.length === 0 && !pages.loading && !pages.problem && <p class="muted">{t.none}</p>}
        <Pager pages={pages} />
      </section>
      <form class="picker-id" onSubmit={submit}>
        <label class="field">
          <span>{t.byId}</span>
          <input
            value={text}
            spellcheck={false}
            autocomplete="off"
            aria-invalid={said !== null}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setSaid(null);
            }}
          />
        </label>
        <Button type="submit" busy={busy}>
          {t.go}
        </Button>
        {said !== null && (
          <p class="field-problem small" role="alert">
            {said}
          </p>
        )}
      </form>
    </Dialog>
  );
}
