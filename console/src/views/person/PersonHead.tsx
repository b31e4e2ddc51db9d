import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { deletePerson, personThumbnail, setHidden } from '../../api/people';
import type { PersonDetails } from '../../api/people-types';
import { Button } from '../../components/Button';
import { Dialog, DialogActions } from '../../components/Dialog';
import { Picture } from '../../components/Picture';
import { Problem } from '../../components/Problem';
import { toast } from '../../components/Toast';
import { useWords } from '../../i18n';
import { useAction } from '../../lib/actions';
import { personColour, personNumber } from '../../lib/colour';
import { faceCount } from '../../lib/person-words';
import type { PersonContext } from './PersonView';

interface Props {
  person: PersonDetails;
  context: PersonContext;
}

export function PersonHead({ person, context }: Props) {
  const words = useWords();
  const { person: t, people } = words;
  const action = useAction();
  const [deleting, setDeleting] = useState(false);
  const hide = () =>
    action.run(async () => {
      const undo = await setHidden([person], !person.hidden);
      context.done(person.hidden ? people.shownDone(1) : people.hiddenDone(1), undo);
    });
  const copy = () =>
    action.run(async () => {
      await navigator.clipboard.writeText(person.cluster_id);
      toast(words.shell.copied);
    });
  return (
    <header class="person-head">
      <span class="person-ring" style={{ borderColor: personColour(personNumber(person.cluster_id)) }}>
        <Picture path={personThumbnail(person)} alt={t.face.representative} />
      </span>
      <div class="person-facts">
        <h1>{faceCount(words, person.faces)}</h1>
        <p class="person-id">
          <code>{person.cluster_id}</code>
          <Button kind="quiet" small onClick={() => void copy()} label={t.copyId}>
            {words.shell.copy}
          </Button>
        </p>
        <p class="person-flags">
          {person.hidden && <span class="chip">{t.hidden}</span>}
          {person.provisional && <span class="chip chip-warn">{t.provisional}</span>}
        </p>
      </div>
      {context.mayCurate && (
        <div class="person-actions">
          <Button busy={action.busy} onClick={() => void hide()}>
            {person.hidden ? people.show : people.hide}
          </Button>
          <Button onClick={() => setDeleting(true)}>{t.delete}</Button>
        </div>
      )}
      {deleting && <DeleteDialog person={person} onClose={() => setDeleting(false)} />}
    </header>
  );
}

function DeleteDialog({ person, onClose }: { person: PersonDetails; onClose(): void }) {
  const words = useWords();
  const { remove: t } = words.person;
  const [sure, setSure] = useState(false);
  const action = useAction(true);
  const [, navigate] = useLocation();
  const confirm = () =>
    action.run(async () => {
      await deletePerson(person.cluster_id);
      toast(t.done);
      navigate('/people');
    });
  return (
    <Dialog title={t.title} onClose={onClose}>
      <div class="delete-what">
        <Picture path={personThumbnail(person)} alt="" />
        <p>{t.why(faceCount(words, person.faces))}</p>
      </div>
      <label class="check">
        <input type="checkbox" checked={sure} onChange={(event) => setSure(event.currentTarget.checked)} />
        {t.sure}
      </label>
      {action.problem && <Problem problem={action.problem} />}
      <DialogActions>
        <Button onClick={onClose}>{words.shell.cancel}</Button>
        <Button kind="danger" disabled={!sure} busy={action.busy} onClick={() => void confirm()}>
          {t.confirm}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
