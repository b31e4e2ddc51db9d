import { useState } from 'preact/hooks';
import { listJobs } from '../../api/health';
import { listPlugins, type Component, type Slot } from '../../api/plugins';
import { Loading } from '../../components/Loading';
import { Problem } from '../../components/Problem';
import { useWords } from '../../i18n';
import { useLoad } from '../../lib/load';
import { useWhileVisible } from '../../lib/poll';
import { Audit } from './Audit';
import { CandidatePanel } from './CandidatePanel';
import { ReplayPanel } from './ReplayPanel';
import { SlotCard } from './SlotCard';
import './plugins.css';

const REFRESH_MS = 5_000;

/** The three slots, a component to try and to put into one of them, and who changed what. */
export function PluginsView() {
  const { plugins: t } = useWords();
  const loaded = useLoad(listPlugins, []);
  const [component, setComponent] = useState<Component | null>(null);
  const [replay, setReplay] = useState<Slot | null>(null);
  // Grows with every change, so that the audit log is read anew.
  const [version, setVersion] = useState(0);
  const [round, setRound] = useState(0);
  useWhileVisible(() => loaded.loading || loaded.reload(), REFRESH_MS, loaded.data !== null);
  const changed = () => {
    loaded.reload();
    setVersion((before) => before + 1);
  };
  // Only of what was replayed since the start there is a difference to ask for.
  const jobs = useLoad(listJobs, [version]);
  const replayed = (slot: Slot) => jobs.data?.some((job) => job.kind === 'replay' && job.slot === slot) ?? false;
  const showReplay = (slot: Slot) => {
    setReplay(slot);
    setRound((before) => before + 1);
  };
  const slots = loaded.data;
  return (
    <>
      <header class="view-head">
        <h1>{t.title}</h1>
      </header>
      {!slots && (loaded.problem ? <Problem problem={loaded.problem} onRetry={loaded.reload} /> : <Loading />)}
      {slots && (
        <div class="slots">
          {slots.map((slot) => (
            <SlotCard
              key={slot.slot}
              report={slot}
              onChanged={changed}
              onReplay={replayed(slot.slot) ? () => showReplay(slot.slot) : undefined}
            />
          ))}
        </div>
      )}
      <CandidatePanel
        component={component}
        active={slots?.find((slot) => slot.slot === component?.slot) ?? null}
        onComponent={setComponent}
        onChanged={changed}
        onReplay={showReplay}
      />
      {replay && (
        <ReplayPanel
          key={`${replay} ${round}`}
          slot={replay}
          component={component}
          active={slots?.find((slot) => slot.slot === replay) ?? null}
          onClose={() => setReplay(null)}
        />
      )}
      <Audit key={version} />
    </>
  );
}
