import { useEffect, useRef, useState } from 'preact/hooks';
import { getPerson, type Undo } from '../../api/people';
import { mayDo, session } from '../../api/session';
import { Empty } from '../../components/Empty';
import { BackIcon } from '../../components/icons';
import { Loading } from '../../components/Loading';
import { Problem } from '../../components/Problem';
import { Tabs } from '../../components/Tabs';
import { useWords } from '../../i18n';
import { corrected, revision } from '../../lib/corrections';
import { useLoad } from '../../lib/load';
import { shortId } from '../../lib/person-words';
import { useShortcuts } from '../../lib/shortcuts';
import { useStore } from '../../lib/store';
import type { ViewProps } from '../../routes';
import { FacesTab } from './FacesTab';
import { FormerIds } from './FormerIds';
import { HistoryTab } from './HistoryTab';
import { PersonHead } from './PersonHead';
import { SimilarTab } from './SimilarTab';
import './person.css';

const TABS = ['faces', 'similar', 'history'] as const;

/** What the parts of the view share. */
export interface PersonContext {
  mayCurate: boolean;
  /** Says what was done, offers to take it back, and reads the person again. */
  done(text: string, undo?: Undo): void;
}

export function PersonView({ params }: ViewProps) {
  const words = useWords();
  const { person: t, shell } = words;
  const id = params['id'] ?? '';
  const loaded = useLoad((signal) => getPerson(id, signal), [id]);
  const [tab, setTab] = useState<(typeof TABS)[number]>('faces');
  // Grows when what the tabs show has to be read anew, as after an undo.
  const [version, setVersion] = useState(0);
  const mayCurate = mayDo(useStore(session).who?.role, 'curate');
  const revised = useStore(revision);
  const first = useRef(revised);
  useEffect(() => {
    if (revised === first.current) return;
    loaded.reload();
    setVersion((before) => before + 1);
  }, [revised]);
  useShortcuts(TABS.map((value, at) => ({ keys: [String(at + 1)], what: t.tabs[value], run: () => setTab(value) })));

  const context: PersonContext = {
    mayCurate,
    done(text, undo) {
      loaded.reload();
      corrected(text, undo);
    },
  };
  const person = loaded.data;
  const back = (
    <a class="back" href="#/people">
      <BackIcon />
      {t.back}
    </a>
  );
  if (loaded.problem?.status === 404 || loaded.problem?.status === 400) {
    return (
      <>
        {back}
        <Empty title={t.unknown}>
          <p>{t.unknownWhy}</p>
        </Empty>
      </>
    );
  }
  if (!person) {
    return (
      <>
        {back}
        {loaded.problem ? <Problem problem={loaded.problem} onRetry={loaded.reload} /> : <Loading />}
      </>
    );
  }
  const reread = () => setVersion((before) => before + 1);
  return (
    <>
      {back}
      <PersonHead person={person} context={context} />
      {person.cluster_id !== id.toLowerCase() && <p class="note">{t.now(shortId(person.cluster_id))}</p>}
      <FormerIds person={person} context={context} onChanged={reread} />
      <Tabs
        label={t.tabs.label}
        value={tab}
        tabs={TABS.map((value) => ({ value, text: t.tabs[value] }))}
        onChange={setTab}
      >
        {tab === 'faces' && <FacesTab key={`${person.cluster_id} ${version}`} person={person} context={context} />}
        {tab === 'similar' && <SimilarTab key={version} person={person} context={context} onMerged={reread} />}
        {tab === 'history' && <HistoryTab key={version} id={person.cluster_id} context={context} />}
      </Tabs>
      {loaded.problem && <p class="visually-hidden">{shell.problem.title}</p>}
    </>
  );
}
