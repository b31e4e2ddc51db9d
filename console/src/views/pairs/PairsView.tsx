import { useEffect, useRef, useState } from 'preact/hooks';
import { getPerson, listPairs, merge, setDistinct, setUnsure, type Undo } from '../../api/people';
import type { Pair, Person } from '../../api/people-types';
import { Button } from '../../components/Button';
import { Empty } from '../../components/Empty';
import { Loading } from '../../components/Loading';
import { Problem } from '../../components/Problem';
import { Segments } from '../../components/Segments';
import { useWords } from '../../i18n';
import { percent } from '../../i18n/format';
import { useAction } from '../../lib/actions';
import { usePages } from '../../lib/load';
import { useShortcuts } from '../../lib/shortcuts';
import { Side } from './Side';
import './pairs.css';

type Answer = 'same' | 'different' | 'unsure';

interface Answered {
  /** What was to be answered before, this pair first. */
  queue: readonly Pair[];
  undo: Undo;
}

/** With fewer pairs than this, the next page is loaded. */
const FEW = 5;

const keyOf = (pair: Pair) => `${pair.first.cluster_id} ${pair.second.cluster_id}`;

/** The pairs that are left once two people are one: what was to be asked of the one that went is asked another time. */
function afterMerge(pairs: readonly Pair[], gone: string, merged: Person): Pair[] {
  const now = (person: Person) => (person.cluster_id === merged.cluster_id ? merged : person);
  return pairs
    .filter((pair) => pair.first.cluster_id !== gone && pair.second.cluster_id !== gone)
    .map((pair) => ({ ...pair, first: now(pair.first), second: now(pair.second) }));
}

export function PairsView() {
  const words = useWords();
  const { pairs: t } = words;
  const [unsure, setUnsureOnes] = useState(false);
  const pages = usePages((after: string | null, signal) => listPairs(unsure, after, signal), [unsure]);
  const [done, setDone] = useState<readonly Answered[]>([]);
  const [said, setSaid] = useState('');
  const action = useAction();
  const pair = pages.items[0];
  useEffect(() => {
    if (pages.items.length < FEW && pages.hasMore && !pages.loading && !pages.problem) pages.more();
  }, [pages.items.length, pages.hasMore, pages.loading]);
  // A merge leaves out pairs of the one that went, which are pairs of the other now.
  const mergedSince = useRef(false);
  useEffect(() => {
    if (pages.items.length > 0 || pages.hasMore || pages.loading || pages.problem || !mergedSince.current) return;
    mergedSince.current = false;
    pages.reload();
  }, [pages.items.length, pages.hasMore, pages.loading]);
  useEffect(() => {
    setDone([]);
    setSaid('');
  }, [unsure]);

  const [kept, other] = pair ? order(pair) : [];
  const answer = (given: Answer) =>
    action.run(async () => {
      if (!pair || !kept || !other) return;
      const [a, b] = [kept.cluster_id, other.cluster_id];
      const queue = pages.items;
      let undo: Undo;
      if (given === 'same') {
        undo = await merge(kept, [other]);
        const merged = await getPerson(a);
        mergedSince.current = true;
        pages.change((items) => afterMerge(items.slice(1), b, merged));
      } else {
        const set = given === 'different' ? setDistinct : setUnsure;
        await set(a, b, true);
        // Who is not sure once more has changed nothing.
        undo = given === 'unsure' && pair.unsure ? async () => undefined : () => set(a, b, false);
        pages.change((items) => items.slice(1));
      }
      setDone((before) => [...before, { queue, undo }]);
      setSaid(t.done[given]);
    });
  const undoLast = () =>
    action.run(async () => {
      const last = done.at(-1);
      if (!last) return;
      await last.undo();
      const queued = new Set(last.queue.map(keyOf));
      pages.change((items) => [...last.queue, ...items.filter((item) => !queued.has(keyOf(item)))]);
      setDone((before) => before.slice(0, -1));
      setSaid(t.done.undone);
    });

  useShortcuts([
    { keys: ['y', 's'], what: t.keys.same, run: () => void answer('same') },
    { keys: ['n', 'd'], what: t.keys.different, run: () => void answer('different') },
    { keys: ['u'], what: t.keys.unsure, run: () => void answer('unsure') },
    { keys: ['z'], what: t.keys.undo, run: () => void undoLast() },
  ]);

  return (
    <>
      <header class="view-head">
        <h1>{t.title}</h1>
        <Segments
          label={t.which.label}
          value={unsure ? 'unsure' : 'open'}
          options={[
            { value: 'open', text: t.which.open },
            { value: 'unsure', text: t.which.unsure },
          ]}
          onChange={(value) => setUnsureOnes(value === 'unsure')}
        />
      </header>
      <p class="muted pair-why">{t.why}</p>
      {pair && kept && (
        <div class="pair" data-pair={keyOf(pair)} aria-busy={action.busy}>
          <div class="pair-sides">
            <Side person={pair.first} keeps={kept === pair.first} />
            <div class="pair-between">
              <p class="pair-value">
                <span class="visually-hidden">{t.similarity}: </span>
                {percent(pair.similarity)}
              </p>
              <p class="small muted" aria-hidden="true">
                {t.similarity}
              </p>
            </div>
            <Side person={pair.second} keeps={kept === pair.second} />
          </div>
          <p class="pair-reason">
            {pair.proposed && <span class="chip chip-info">{t.proposed}</span>}{' '}
            {pair.unsure && <span class="chip chip-warn">{t.markedUnsure}</span>} <span class="muted">{pair.reason}</span>
          </p>
        </div>
      )}
      {!pair && pages.loading && <Loading />}
      {!pair && pages.problem && <Problem problem={pages.problem} onRetry={pages.more} />}
      {!pair && !pages.loading && !pages.problem && (
        <Empty title={t.empty.title}>
          <p>{t.empty.why}</p>
          <p class="state-actions">
            <Button onClick={pages.reload}>{t.look}</Button>
          </p>
        </Empty>
      )}
      <div class="pair-answers">
        <Button kind="primary" hint="S" disabled={!pair || action.busy} onClick={() => void answer('same')}>
          {t.same}
        </Button>
        <Button hint="D" disabled={!pair || action.busy} onClick={() => void answer('different')}>
          {t.different}
        </Button>
        <Button hint="U" disabled={!pair || action.busy} onClick={() => void answer('unsure')}>
          {t.unsure}
        </Button>
        <Button kind="quiet" hint="Z" disabled={done.length === 0 || action.busy} onClick={() => void undoLast()}>
          {t.undo}
        </Button>
        <p class="pair-said small muted" role="status">
          {said} {done.length > 0 && t.answered(done.length)}
        </p>
      </div>
    </>
  );
}

/** Who keeps the id when the two are one, and the other: the one with more faces, else the first. */
function order({ first, second }: Pair): [Person, Person] {
  return second.faces > first.faces ? [second, first] : [first, second];
}
