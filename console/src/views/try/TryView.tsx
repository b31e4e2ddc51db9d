import { useState } from 'preact/hooks';
import { Segments } from '../../components/Segments';
import { useWords } from '../../i18n';
import { Compare } from './Compare';
import { Describe } from './Describe';
import './try.css';

/** A photo, or two, and the worker's full answer, of which nothing is stored. */
export function TryView() {
  const { tryPhoto: t } = useWords();
  const [mode, setMode] = useState<'describe' | 'compare'>('describe');
  return (
    <>
      <header class="view-head">
        <h1>{t.title}</h1>
        <Segments
          label={t.mode.label}
          value={mode}
          options={[
            { value: 'describe', text: t.mode.describe },
            { value: 'compare', text: t.mode.compare },
          ]}
          onChange={setMode}
        />
      </header>
      <p class="try-note">{t.nothingStored}</p>
      {mode === 'describe' ? <Describe /> : <Compare />}
    </>
  );
}
