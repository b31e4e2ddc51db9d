import { useState } from 'preact/hooks';
import { merge, personThumbnail, type Undo } from '../../api/people';
import type { Person } from '../../api/people-types';
import { Button } from '../../components/Button';
import { Dialog, DialogActions } from '../../components/Dialog';
import { PersonTag } from '../../components/PersonTag';
import { Picture } from '../../components/Picture';
import { Problem } from '../../components/Problem';
import { useWords } from '../../i18n';
import { useAction } from '../../lib/actions';
import { faceCount, personName } from '../../lib/person-words';
import './merge.css';

interface Props {
  people: readonly Person[];
  onClose(): void;
  onMerged(target: Person, people: readonly Person[], undo: Undo): Promise<void>;
}

/** Asks whose id and whose picture stays. The largest is proposed. */
export function MergeDialog({ people, onClose, onMerged }: Props) {
  const words = useWords();
  const { merge: t } = words.people;
  const action = useAction(true);
  const largest = people.reduce((best, person) => (person.faces > best.faces ? person : best));
  const [target, setTarget] = useState(largest);
  // Until another one is chosen, the picture goes with the id.
  const [picture, setPicture] = useState<Person | null>(null);
  const pictureOf = picture ?? target;
  const confirm = () =>
    action.run(async () => {
      const sources = people.filter((person) => person !== target);
      const undo = await merge(target, sources, pictureOf);
      await onMerged(target, people, undo);
    });
  return (
    <Dialog title={t.title(people.length)} onClose={onClose} wide>
      <p>{t.why}</p>
      <ul class="merge-people">
        {people.map((person) => (
          <li key={person.cluster_id} class="merge-person" data-target={person === target}>
            <Picture path={personThumbnail(person)} alt="" />
            <span class="merge-name">
              <PersonTag id={person.cluster_id} />
              <span class="small muted">{faceCount(words, person.faces)}</span>
            </span>
            <label>
              <input
                type="radio"
                name="merge-id"
                checked={person === target}
                onChange={() => setTarget(person)}
                aria-label={`${t.keepsId}: ${personName(words, person)}`}
              />
              {t.keepsId}
            </label>
            <label>
              <input
                type="radio"
                name="merge-picture"
                checked={person === pictureOf}
                onChange={() => setPicture(person)}
                aria-label={`${t.keepsPicture}: ${personName(words, person)}`}
              />
              {t.keepsPicture}
            </label>
          </li>
        ))}
      </ul>
      {action.problem && <Problem problem={action.problem} />}
      <DialogActions>
        <Button onClick={onClose}>{words.shell.cancel}</Button>
        <Button kind="primary" busy={action.busy} onClick={() => void confirm()}>
          {t.confirm}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
