import { faceThumbnail, listHistory, undoEntry } from '../../api/people';
import type { HistoryEntry } from '../../api/people-types';
import { Button } from '../../components/Button';
import { Empty } from '../../components/Empty';
import { UndoIcon } from '../../components/icons';
import { Pager } from '../../components/Pager';
import { PersonTag } from '../../components/PersonTag';
import { Picture } from '../../components/Picture';
import { useWords } from '../../i18n';
import { ago, time } from '../../i18n/format';
import { useAction } from '../../lib/actions';
import { usePages } from '../../lib/load';
import { faceCount } from '../../lib/person-words';
import { personLink } from '../../routes';
import type { PersonContext } from './PersonView';

/** How many pictures an entry shows. */
const PICTURES = 8;

/** Every correction of a person, newest first, each with the way back. */
export function HistoryTab({ id, context }: { id: string; context: PersonContext }) {
  const { person: t } = useWords();
  const pages = usePages((before: number | null, signal) => listHistory(id, before, signal), [id]);
  const action = useAction();
  const rejected = rejectedIn(pages.items);
  const undo = (entry: HistoryEntry) =>
    action.run(async () => {
      await undoEntry(id, entry.position);
      context.done(t.history.done);
      pages.reload();
    });
  return (
    <>
      <ol class="history">
        {pages.items.map((entry) => (
          <Entry
            key={entry.position}
            entry={entry}
            own={id}
            rejected={rejected}
            busy={action.busy}
            onUndo={context.mayCurate ? () => void undo(entry) : null}
          />
        ))}
      </ol>
      {pages.items.length === 0 && !pages.loading && !pages.problem && (
        <Empty title={t.history.empty}>
          <p>{t.history.emptyWhy}</p>
        </Empty>
      )}
      <Pager pages={pages} />
    </>
  );
}

interface EntryProps {
  entry: HistoryEntry;
  /** The person whose history it is. */
  own: string;
  /** The faces of which there is no picture. */
  rejected: ReadonlySet<string>;
  busy: boolean;
  onUndo: (() => void) | null;
}

/** The faces that are none at the moment, so that there is no picture of them. `entries` are newest first. */
function rejectedIn(entries: readonly HistoryEntry[]): Set<string> {
  const isRejected = new Map<string, boolean>();
  for (const entry of entries.filter(({ kind }) => kind === 'face_rejected')) {
    for (const face of entry.face_ids) {
      // An undo, and what was undone, say that it is one.
      if (!isRejected.has(face)) isRejected.set(face, (entry.undoes === null) !== entry.undone);
    }
  }
  return new Set([...isRejected].flatMap(([face, rejected]) => (rejected ? [face] : [])));
}

function Entry({ entry, own, rejected, busy, onUndo }: EntryProps) {
  const words = useWords();
  const { history: t } = words.person;
  const people = entry.cluster_ids.filter((id) => id !== own);
  const faces = entry.face_ids.filter((face) => !rejected.has(face));
  return (
    <li class="entry card" data-kind={entry.kind} data-position={entry.position} data-undone={entry.undone}>
      <div class="entry-what">
        <p class="entry-kind">
          {t.kinds[entry.kind] ?? entry.kind}
          {entry.undone && <span class="chip">{t.undone}</span>}
        </p>
        <p class="small muted">
          <time dateTime={new Date(entry.at * 1000).toISOString()} title={time(entry.at)}>
            {ago(entry.at)}
          </time>
          {entry.key !== null && <> · {t.by(entry.key)}</>}
          {entry.faces > 0 && <> · {faceCount(words, entry.faces)}</>}
          {entry.undoes !== null && <> · {t.undoes}</>}
        </p>
        {people.length > 0 && (
          <p class="entry-people">
            {people.map((id) => (
              <a key={id} href={`#${personLink(id)}`}>
                <PersonTag id={id} />
              </a>
            ))}
          </p>
        )}
        {faces.length > 0 && (
          <p class="entry-faces" aria-hidden="true">
            {faces.slice(0, PICTURES).map((face) => (
              <Picture key={face} path={faceThumbnail(face)} alt="" />
            ))}
            {entry.faces > PICTURES && <span class="muted">+{entry.faces - PICTURES}</span>}
          </p>
        )}
        {!entry.undoable && !entry.undone && entry.why_not !== null && <p class="small muted">{entry.why_not}</p>}
      </div>
      {onUndo && entry.undoable && (
        <Button small busy={busy} onClick={onUndo}>
          <UndoIcon />
          {words.shell.undo}
        </Button>
      )}
    </li>
  );
}
