import type { MutableRef } from 'preact/hooks';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import {
  getPerson,
  listPeople,
  personThumbnail,
  setHidden,
  type PersonCursor,
  type PersonFilter,
} from '../../api/people';
import type { Person } from '../../api/people-types';
import { mayDo, session } from '../../api/session';
import { Button } from '../../components/Button';
import { Empty } from '../../components/Empty';
import { Pager } from '../../components/Pager';
import { PersonTag } from '../../components/PersonTag';
import { Picture } from '../../components/Picture';
import { Segments } from '../../components/Segments';
import { SelectGrid } from '../../components/SelectGrid';
import { useWords } from '../../i18n';
import { number } from '../../i18n/format';
import { useAction } from '../../lib/actions';
import { corrected, revision } from '../../lib/corrections';
import { usePages } from '../../lib/load';
import { faceCount, personName } from '../../lib/person-words';
import { useSelection } from '../../lib/selection';
import { useShortcuts } from '../../lib/shortcuts';
import { createStore, useStore } from '../../lib/store';
import { personLink } from '../../routes';
import { MergeDialog } from './MergeDialog';
import { SearchById } from './SearchById';
import './people.css';

/** Kept while other views are shown. */
const filters = createStore<PersonFilter>({ sort: 'faces', shown: 'usual' });

/** How far the list was read and scrolled when the view was left, to be there again on the way back. */
let left: { filter: PersonFilter; count: number; scroll: number } | null = null;

export function PeopleView() {
  const words = useWords();
  const { people } = words;
  const filter = useStore(filters);
  const back = useRef(left?.filter === filter ? left : null);
  const pages = usePages(
    (cursor: PersonCursor | null, signal) =>
      listPeople(filter, cursor, signal, cursor === null ? back.current?.count : undefined),
    [filter.sort, filter.shown, useStore(revision)],
  );
  useWayBack(filter, pages.items.length, back);
  const selection = useSelection();
  const mayCurate = mayDo(useStore(session).who?.role, 'curate');
  const [merging, setMerging] = useState<Person[] | null>(null);
  const search = useRef<HTMLInputElement>(null);
  const action = useAction();
  useEffect(() => selection.clear(), [filter]);

  const chosen = () => pages.items.filter((person) => selection.has(person.cluster_id));
  const hide = () =>
    action.run(async () => {
      const list = chosen();
      const hidden = filter.shown !== 'hidden';
      const undo = await setHidden(list, hidden);
      const gone = new Set(list.map((person) => person.cluster_id));
      selection.clear();
      pages.change((items) => items.filter((person) => !gone.has(person.cluster_id)));
      corrected(hidden ? people.hiddenDone(list.length) : people.shownDone(list.length), undo);
    });
  const onMerged = useCallback(
    async (target: Person, list: readonly Person[], undo: () => Promise<void>) => {
      setMerging(null);
      selection.clear();
      const merged = await getPerson(target.cluster_id);
      const gone = new Set(list.filter((person) => person !== target).map((person) => person.cluster_id));
      pages.change((items) =>
        items
          .filter((person) => !gone.has(person.cluster_id))
          .map((person) => (person.cluster_id === target.cluster_id ? merged : person)),
      );
      corrected(people.merge.done(list.length), undo);
    },
    [people],
  );
  const startMerge = () => selection.size > 1 && setMerging(chosen());

  useShortcuts([
    { keys: ['/'], what: people.keys.search, run: () => search.current?.focus() },
    { keys: ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'], what: people.keys.move, run: focusGrid },
    ...(mayCurate
      ? [
          { keys: [' '], what: people.keys.toggle, run: focusGrid },
          { keys: ['a'], what: people.keys.all, run: () => selection.all(pages.items.map((p) => p.cluster_id)) },
          { keys: ['Escape'], what: people.keys.clear, run: () => selection.clear() },
          { keys: ['m'], what: people.keys.merge, run: startMerge },
          { keys: ['h'], what: people.keys.hide, run: () => selection.size > 0 && void hide() },
        ]
      : []),
  ]);

  const about = people.about[filter.shown];
  const empty = people.empty[filter.shown];
  return (
    <>
      <header class="view-head">
        <h1>{people.title}</h1>
        <SearchById input={search} />
      </header>
      <div class="people-tools">
        <Segments
          label={people.shown.label}
          value={filter.shown}
          options={(['usual', 'provisional', 'hidden'] as const).map((value) => ({ value, text: people.shown[value] }))}
          onChange={(shown) => filters.set({ ...filter, shown })}
        />
        <Segments
          label={people.sort.label}
          value={filter.sort}
          options={(['faces', 'latest'] as const).map((value) => ({ value, text: people.sort[value] }))}
          onChange={(sort) => filters.set({ ...filter, sort })}
        />
      </div>
      {about !== '' && <p class="muted people-about">{about}</p>}
      <SelectGrid
        label={people.title}
        items={pages.items}
        idOf={(person) => person.cluster_id}
        nameOf={(person) => personName(words, person)}
        selectNameOf={(person) => people.select(personName(words, person))}
        hrefOf={(person) => `#${personLink(person.cluster_id)}`}
        selection={mayCurate ? selection : null}
        words={words}
        render={(person) => (
          <>
            <Picture path={personThumbnail(person)} alt="" />
            <span class="people-caption">
              <span class="people-count">{faceCount(words, person.faces)}</span>
              <PersonTag id={person.cluster_id} />
            </span>
          </>
        )}
      />
      {pages.items.length === 0 && !pages.loading && !pages.problem && (
        <Empty title={empty}>{filter.shown === 'usual' && <p>{people.empty.usualWhy}</p>}</Empty>
      )}
      <Pager pages={pages} />
      {selection.size > 0 && (
        <div class="selection-bar" role="toolbar" aria-label={people.selected(selection.size, number(selection.size))}>
          <p aria-live="polite">{people.selected(selection.size, number(selection.size))}</p>
          <Button kind="primary" hint="M" disabled={selection.size < 2} onClick={startMerge}>
            {people.merge.button}
          </Button>
          <Button hint="H" busy={action.busy} onClick={() => void hide()}>
            {filter.shown === 'hidden' ? people.show : people.hide}
          </Button>
          <Button kind="quiet" onClick={selection.clear}>
            {people.clear}
          </Button>
        </div>
      )}
      {merging && <MergeDialog people={merging} onClose={() => setMerging(null)} onMerged={onMerged} />}
    </>
  );
}

/** Notes where the list was left, and scrolls there once it is read again. */
function useWayBack(filter: PersonFilter, count: number, back: MutableRef<typeof left>): void {
  const now = useRef({ filter, count });
  now.current = { filter, count };
  useLayoutEffect(() => {
    if (count === 0 || !back.current) return;
    window.scrollTo(0, back.current.scroll);
    back.current = null;
  }, [count]);
  useLayoutEffect(
    // Before the page is shorter, and the browser scrolls up.
    () => () => void (left = { ...now.current, scroll: window.scrollY }),
    [],
  );
}

/** The grid's own keys work once a card has the focus. */
function focusGrid(): void {
  document.querySelector<HTMLElement>('.grid-open[tabindex="0"]')?.focus();
}
