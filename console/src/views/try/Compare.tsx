import { useEffect, useState } from 'preact/hooks';
import { compare } from '../../api/photos';
import type { ComparedPhoto, Comparison } from '../../api/pendingPhotos';
import { asProblem, isAbort, type ApiProblem } from '../../api/problem';
import { DropZone } from '../../components/photo/DropZone';
import { Crop } from '../../components/photo/Crop';
import { PhotoFrame } from '../../components/photo/PhotoFrame';
import { Loading } from '../../components/Loading';
import { Problem } from '../../components/Problem';
import { useWords } from '../../i18n';
import { percent } from '../../i18n/format';
import { useLocalPicture } from '../../lib/photo-picture';
import '../../components/table.css';

/** The two boxes of the best pair, and all others. */
const BEST_COLOUR = '#5ecbd3';
const OTHER_COLOUR = '#ffffff';

interface State {
  answer: Comparison | null;
  problem: ApiProblem | null;
}

/** How much the faces of two photos resemble each other. */
export function Compare() {
  const { tryPhoto: t } = useWords();
  const [first, setFirst] = useState<File | null>(null);
  const [second, setSecond] = useState<File | null>(null);
  const [state, setState] = useState<State | null>(null);
  const pictures = [useLocalPicture(first), useLocalPicture(second)] as const;
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!first || !second) return undefined;
    const abort = new AbortController();
    setState({ answer: null, problem: null });
    compare(first, second, abort.signal).then(
      (answer) => abort.signal.aborted || setState({ answer, problem: null }),
      (thrown: unknown) => {
        if (!abort.signal.aborted && !isAbort(thrown)) setState({ answer: null, problem: asProblem(thrown) });
      },
    );
    return () => abort.abort();
  }, [first, second, round]);
  const answer = state?.answer ?? null;
  const side = (which: 0 | 1, file: File | null, set: (file: File) => void) => (
    <div class="compare-side">
      {file && answer ? (
        <ComparedFrame
          photo={which === 0 ? answer.first : answer.second}
          picture={pictures[which]}
          name={which === 0 ? t.compare.first : t.compare.second}
          best={answer.best && (which === 0 ? answer.best.first : answer.best.second)}
        />
      ) : (
        pictures[which] !== null && <img class="compare-preview" src={pictures[which]} alt={file?.name ?? ''} />
      )}
      <DropZone
        title={file ? file.name : which === 0 ? t.compare.dropFirst : t.compare.dropSecond}
        choose={file ? t.another : t.choose}
        accept="image/*"
        small
        onFile={set}
      />
    </div>
  );
  return (
    <div class="try">
      {state && !state.answer && !state.problem && (
        <div class="try-waiting">
          <Loading />
          <p class="muted">{t.comparing}</p>
        </div>
      )}
      {state?.problem && <Problem problem={state.problem} onRetry={() => setRound((n) => n + 1)} />}
      {answer && <Verdict answer={answer} />}
      <div class="compare">
        {side(0, first, setFirst)}
        {side(1, second, setSecond)}
      </div>
      {answer?.best && <Matrix answer={answer} pictures={pictures} />}
    </div>
  );
}

function Verdict({ answer }: { answer: Comparison }) {
  const { compare: t } = useWords().tryPhoto;
  const { best } = answer;
  if (!best) return <p class="note">{t.noPair}</p>;
  return (
    <div class="card verdict" role="status">
      <p class={best.same ? 'chip chip-good' : 'chip chip-warn'}>{best.same ? t.same : t.different}</p>
      <p>{t.best(percent(best.similarity), percent(answer.threshold))}</p>
    </div>
  );
}

function ComparedFrame(props: { photo: ComparedPhoto; picture: string | null; name: string; best: number | null }) {
  const { tryPhoto: t, photo: words } = useWords();
  const [active, setActive] = useState<string | null>(null);
  const { photo, best } = props;
  return (
    <PhotoFrame
      width={photo.width}
      height={photo.height}
      label={t.frame(props.name)}
      active={active}
      onActive={setActive}
      boxes={photo.faces.map((face, at) => ({
        key: String(at),
        bounds: face.bounding_box,
        colour: at === best ? BEST_COLOUR : OTHER_COLOUR,
        badge: String(at + 1),
        name: t.face(at + 1),
      }))}
      picture={props.picture !== null ? <img src={props.picture} alt={props.name} draggable={false} /> : undefined}
      detail={(key) => {
        const face = photo.faces[Number(key)];
        return (
          face && (
            <p>
              <strong>{t.face(Number(key) + 1)}</strong> · {words.quality} {percent(face.quality)} · {words.confidence}{' '}
              {percent(face.confidence)}
            </p>
          )
        );
      }}
    />
  );
}

function Matrix({ answer, pictures }: { answer: Comparison; pictures: readonly [string | null, string | null] }) {
  const { compare: t } = useWords().tryPhoto;
  const crop = (which: 0 | 1, at: number) => {
    const photo = which === 0 ? answer.first : answer.second;
    const face = photo.faces[at];
    return face && <Crop source={pictures[which]} width={photo.width} height={photo.height} bounds={face.bounding_box} alt="" />;
  };
  return (
    <div class="table-frame" role="region" aria-label={t.table} tabIndex={0}>
      <table class="table matrix">
        <caption class="visually-hidden">{t.table}</caption>
        <thead>
          <tr>
            <td />
            {answer.second.faces.map((_, at) => (
              <th key={at} scope="col">
                {crop(1, at)}
                <span>{t.secondFace(at + 1)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {answer.similarities.map((row, at) => (
            <tr key={at}>
              <th scope="row">
                {crop(0, at)}
                <span>{t.firstFace(at + 1)}</span>
              </th>
              {row.map((similarity, other) => (
                <td key={other} class={similarity >= answer.threshold ? 'numeric matrix-same' : 'numeric'}>
                  {percent(similarity)}
                  {similarity >= answer.threshold && <span class="visually-hidden"> {t.over}</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
