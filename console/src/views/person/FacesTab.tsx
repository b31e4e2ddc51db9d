import { useState } from 'preact/hooks';
import { chooseRepresentative, faceThumbnail, listFaces, moveFaces, rejectFaces, split, type Undo } from '../../api/people';
import type { PersonDetails, PersonFace } from '../../api/people-types';
import { Button } from '../../components/Button';
import { Empty } from '../../components/Empty';
import { CheckIcon, StarIcon } from '../../components/icons';
import { Pager } from '../../components/Pager';
import { Picture } from '../../components/Picture';
import { Segments } from '../../components/Segments';
import { SelectGrid } from '../../components/SelectGrid';
import { useWords } from '../../i18n';
import { number, percent } from '../../i18n/format';
import { useAction } from '../../lib/actions';
import { usePages } from '../../lib/load';
import { shortId } from '../../lib/person-words';
import { useSelection } from '../../lib/selection';
import { useShortcuts } from '../../lib/shortcuts';
import { FaceDialog } from './FaceDialog';
import { MovePicker } from './MovePicker';
import type { PersonContext } from './PersonView';

interface Props {
  person: PersonDetails;
  context: PersonContext;
}

export function FacesTab({ person, context }: Props) {
  const words = useWords();
  const { person: t, people } = words;
  const [sort, setSort] = useState<'stored' | 'fit'>('stored');
  const id = person.cluster_id;
  const pages = usePages((after: number | null, signal) => listFaces(id, sort, after, signal), [id, sort]);
  const selection = useSelection();
  const action = useAction();
  const [opened, setOpened] = useState<string | null>(null);
  const [moving, setMoving] = useState<string[] | null>(null);

  const chosen = () => pages.items.map((face) => face.face_id).filter((face) => selection.has(face));
  /** Makes a correction that takes faces out of this person. */
  const takeOut = (faces: string[], work: () => Promise<Undo>, said: string) =>
    action.run(async () => {
      const undo = await work();
      const gone = new Set(faces);
      selection.clear();
      setOpened(null);
      pages.change((items) => items.filter((face) => !gone.has(face.face_id)));
      context.done(said, undo);
    });
  const actions = {
    split: (faces: string[]) => takeOut(faces, async () => (await split(id, faces)).undo, t.splitDone(faces.length)),
    reject: (faces: string[]) => takeOut(faces, () => rejectFaces(id, faces), t.rejectDone(faces.length)),
    move: (faces: string[], target: string) => takeOut(faces, () => moveFaces(faces, target), t.moveDone(faces.length)),
    represent: (face: string) =>
      action.run(async () => {
        const undo = await chooseRepresentative(id, face);
        selection.clear();
        context.done(t.representDone, undo);
      }),
  };
  const one = () => (selection.size === 1 ? chosen()[0] : undefined);
  const some = (work: (faces: string[]) => void) => () => selection.size > 0 && work(chosen());

  useShortcuts([
    { keys: ['f'], what: t.keys.fit, run: () => setSort(sort === 'fit' ? 'stored' : 'fit') },
    { keys: ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'], what: people.keys.move, run: focusGrid },
    { keys: ['Enter'], what: t.keys.open, run: focusGrid },
    ...(context.mayCurate
      ? [
          { keys: [' '], what: people.keys.toggle, run: focusGrid },
          { keys: ['a'], what: people.keys.all, run: () => selection.all(pages.items.map((face) => face.face_id)) },
          { keys: ['Escape'], what: people.keys.clear, run: selection.clear },
          { keys: ['x'], what: t.keys.split, run: some((faces) => void actions.split(faces)) },
          { keys: ['v'], what: t.keys.move, run: some(setMoving) },
          { keys: ['r'], what: t.keys.reject, run: some((faces) => void actions.reject(faces)) },
          {
            keys: ['p'],
            what: t.keys.represent,
            run: () => {
              const face = one();
              if (face !== undefined) void actions.represent(face);
            },
          },
        ]
      : []),
  ]);

  const nameOf = (face: PersonFace) =>
    face.similarity == null
      ? t.face.name(shortId(face.face_id))
      : t.face.withFit(shortId(face.face_id), percent(face.similarity));
  const openedAt = pages.items.findIndex((face) => face.face_id === opened);
  const openedFace = pages.items[openedAt];
  return (
    <>
      <div class="people-tools">
        <Segments
          label={t.sort.label}
          value={sort}
          options={(['stored', 'fit'] as const).map((value) => ({ value, text: t.sort[value] }))}
          onChange={setSort}
        />
      </div>
      <SelectGrid
        label={t.tabs.faces}
        items={pages.items}
        idOf={(face) => face.face_id}
        nameOf={nameOf}
        selectNameOf={(face) => people.select(nameOf(face))}
        hrefOf={() => null}
        onOpen={(face) => setOpened(face.face_id)}
        selection={context.mayCurate ? selection : null}
        words={`${person.representative_face_id} ${words.shell.loading}`}
        small
        render={(face) => (
          <span class="face-card">
            <Picture path={faceThumbnail(face.face_id)} alt="" />
            {face.similarity != null && (
              <span class="face-fit" title={t.face.fit}>
                {percent(face.similarity)}
              </span>
            )}
            <span class="face-marks">
              {face.face_id === person.representative_face_id && (
                <span class="face-mark" title={t.face.representative}>
                  <StarIcon />
                  <span class="visually-hidden">{t.face.representative}</span>
                </span>
              )}
              {face.corrected && (
                <span class="face-mark" title={t.face.corrected}>
                  <CheckIcon />
                  <span class="visually-hidden">{t.face.corrected}</span>
                </span>
              )}
            </span>
          </span>
        )}
      />
      {pages.items.length === 0 && !pages.loading && !pages.problem && <Empty title={t.face.empty} />}
      <Pager pages={pages} />
      {selection.size > 0 && (
        <div class="selection-bar" role="toolbar" aria-label={people.selected(selection.size, number(selection.size))}>
          <p aria-live="polite">{people.selected(selection.size, number(selection.size))}</p>
          <Button kind="primary" hint="X" busy={action.busy} onClick={() => void actions.split(chosen())}>
            {t.split}
          </Button>
          <Button hint="V" disabled={action.busy} onClick={() => setMoving(chosen())}>
            {t.move}
          </Button>
          <Button hint="R" busy={action.busy} onClick={() => void actions.reject(chosen())}>
            {t.reject}
          </Button>
          {selection.size === 1 && (
            <Button hint="P" busy={action.busy} onClick={() => void actions.represent(chosen()[0] ?? '')}>
              {t.represent}
            </Button>
          )}
          <Button kind="quiet" onClick={selection.clear}>
            {people.clear}
          </Button>
        </div>
      )}
      {openedFace && (
        <FaceDialog
          face={openedFace}
          representative={openedFace.face_id === person.representative_face_id}
          mayCurate={context.mayCurate}
          busy={action.busy}
          onClose={() => setOpened(null)}
          onStep={(step) => setOpened(pages.items[openedAt + step]?.face_id ?? opened)}
          hasStep={(step) => pages.items[openedAt + step] !== undefined}
          onSplit={() => void actions.split([openedFace.face_id])}
          onMove={() => setMoving([openedFace.face_id])}
          onReject={() => void actions.reject([openedFace.face_id])}
          onRepresent={() => void actions.represent(openedFace.face_id)}
        />
      )}
      {moving && (
        <MovePicker
          id={id}
          faces={moving}
          busy={action.busy}
          onClose={() => setMoving(null)}
          onPick={(target) => {
            const faces = moving;
            setMoving(null);
            setOpened(null);
            void actions.move(faces, target);
          }}
        />
      )}
    </>
  );
}

/** The grid's own keys work once a card has the focus. */
function focusGrid(): void {
  document.querySelector<HTMLElement>('.grid-open[tabindex="0"]')?.focus();
}
