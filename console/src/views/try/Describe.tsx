import { useEffect, useRef, useState } from 'preact/hooks';
import { identify, type Source } from '../../api/photos';
import type { Identified } from '../../api/pendingPhotos';
import { asProblem, isAbort, type ApiProblem } from '../../api/problem';
import { Button } from '../../components/Button';
import { DropZone } from '../../components/photo/DropZone';
import { Loading } from '../../components/Loading';
import { Problem } from '../../components/Problem';
import { useWords } from '../../i18n';
import { useLocalPicture } from '../../lib/photo-picture';
import { Answer } from './Answer';

type State = { source: Source; answer: Identified | null; problem: ApiProblem | null };

export function Describe() {
  const { tryPhoto: t } = useWords();
  const [state, setState] = useState<State | null>(null);
  const [url, setUrl] = useState('');
  const abort = useRef(new AbortController());
  const local = useLocalPicture(state && 'file' in state.source ? state.source.file : null);
  useEffect(() => () => abort.current.abort(), []);
  const ask = (source: Source) => {
    abort.current.abort();
    abort.current = new AbortController();
    const { signal } = abort.current;
    setState({ source, answer: null, problem: null });
    identify(source, signal).then(
      (answer) => signal.aborted || setState({ source, answer, problem: null }),
      (thrown: unknown) => {
        if (!signal.aborted && !isAbort(thrown)) setState({ source, answer: null, problem: asProblem(thrown) });
      },
    );
  };
  return (
    <div class="try">
      <div class={state ? 'try-in try-in-small' : 'try-in'}>
        <DropZone
          title={t.drop}
          choose={state ? t.another : t.choose}
          accept="image/*"
          paste
          small={state !== null}
          onFile={(file) => ask({ file })}
        />
        <form
          class="try-url"
          onSubmit={(event) => {
            event.preventDefault();
            ask({ url: url.trim() });
          }}
        >
          <label class="field">
            <span>{t.url.label}</span>
            <input
              type="url"
              required
              value={url}
              placeholder={t.url.hint}
              onInput={(event) => setUrl(event.currentTarget.value)}
            />
          </label>
          <Button type="submit">{t.url.go}</Button>
        </form>
      </div>
      {state && !state.answer && !state.problem && (
        <div class="try-waiting">
          {local !== null && <img class="try-preview" src={local} alt="" />}
          <Loading />
          <p class="muted">{t.working}</p>
        </div>
      )}
      {state?.problem && <Problem problem={state.problem} onRetry={() => ask(state.source)} />}
      {state?.answer && (
        <Answer
          answer={state.answer}
          picture={local}
          name={'file' in state.source ? state.source.file.name : state.source.url}
          isLocal={'file' in state.source}
        />
      )}
    </div>
  );
}
