import { useEffect, useState } from 'preact/hooks';
import type { Identified } from '../../api/pendingPhotos';
import { Crop } from '../../components/photo/Crop';
import { PhotoFrame } from '../../components/photo/PhotoFrame';
import { Scores } from '../../components/photo/Scores';
import { useWords } from '../../i18n';
import { number, percent } from '../../i18n/format';
import { personColour, personNumber } from '../../lib/colour';
import { shortId } from '../../lib/person-words';
import { demographics } from '../photo/FaceCard';
import { SeenThings } from '../photo/Evidence';
import { Candidates } from './Candidates';
import { FaceRow } from './FaceRow';

interface Props {
  answer: Identified;
  /** An object URL of the photo, where it is a file of this machine. */
  picture: string | null;
  name: string;
  isLocal: boolean;
}

/** Boxes of nobody that is known: neither a person's colour nor one of state. */
const NOBODYS_COLOUR = '#ffffff';

const STAGES = ['download', 'decode', 'inference', 'plugins', 'faces'] as const;

export function Answer({ answer, picture, name, isLocal }: Props) {
  const words = useWords();
  const { tryPhoto: t, photo } = words;
  const [active, setActive] = useState<string | null>(null);
  const [shows, setShows] = useState(true);
  useEffect(() => setShows(true), [picture]);
  const { details, faces } = answer;
  const source = shows ? picture : null;
  const total = STAGES.reduce((sum, stage) => sum + details.timings_ms[stage], 0);
  return (
    <div class="photo-columns">
      <div class="photo-picture">
        <PhotoFrame
          width={answer.width}
          height={answer.height}
          label={t.frame(name)}
          active={active}
          onActive={setActive}
          boxes={faces.map((face, at) => ({
            key: String(at),
            bounds: face.bounding_box,
            colour: face.cluster_id === null ? NOBODYS_COLOUR : personColour(personNumber(face.cluster_id)),
            badge: String(at + 1),
            name: face.cluster_id === null ? `${t.face(at + 1)}, ${t.somebodyNew}` : photo.face(at + 1, shortId(face.cluster_id)),
          }))}
          picture={
            source !== null ? <img src={source} alt={name} draggable={false} onError={() => setShows(false)} /> : undefined
          }
          detail={(key) => {
            const face = faces[Number(key)];
            return face && <FaceRow face={face} place={Number(key) + 1} />;
          }}
        />
        <div class="photo-under">
          <span>{!isLocal ? t.notShown : shows ? name : t.cannotShow}</span>
        </div>
      </div>
      <div class="photo-facts">
        <section class="card">
          <h2 class="try-phrase">{answer.context || t.noPhrase}</h2>
          {answer.degraded.length > 0 && (
            <p class="plugin-lacking">{t.degraded(answer.degraded.map((slot) => photo.slots[slot as keyof typeof photo.slots] ?? slot).join(', '))}</p>
          )}
          <p class="muted small">
            {photo.confidencePhrase} {percent(details.context_confidence)}
            {details.context_reason && ` · ${details.context_reason}`}
          </p>
          {details.scored_tags.length === 0 ? <p class="muted">{t.noTags}</p> : <Scores rows={details.scored_tags} />}
        </section>
        <section class="card">
          <h2>{t.people}</h2>
          {faces.length === 0 && <p class="muted">{t.noFaces}</p>}
          <ol class="try-faces">
            {faces.map((face, at) => (
              <li key={at} data-active={active === String(at) ? '' : undefined} onMouseEnter={() => setActive(String(at))} onMouseLeave={() => setActive(null)}>
                <div class="try-face">
                  <Crop source={source} width={answer.width} height={answer.height} bounds={face.bounding_box} alt={t.face(at + 1)} />
                  <FaceRow face={face} place={at + 1} />
                </div>
                <p class="muted small">
                  {[demographics(words, face), `${photo.quality} ${percent(face.quality)}`, `${photo.confidence} ${percent(face.confidence)}`]
                    .filter(Boolean)
                    .join(' · ')}
                </p>
                <Candidates people={face.people} chosen={face.cluster_id} />
              </li>
            ))}
          </ol>
        </section>
        <section class="card">
          <h2>{t.evidence}</h2>
          <SeenThings seen={details} />
        </section>
        <section class="card">
          <h2>{t.timings}</h2>
          <dl class="facts">
            {STAGES.map((stage) => (
              <div key={stage}>
                <dt>{t.stages[stage]}</dt>
                <dd>{t.milliseconds(number(Math.round(details.timings_ms[stage])))}</dd>
              </div>
            ))}
            <div>
              <dt>Σ</dt>
              <dd>{t.milliseconds(number(Math.round(total)))}</dd>
            </div>
          </dl>
          <p class="muted small">
            {photo.pixels(number(answer.width), number(answer.height))} · {t.looks(number(details.detector_looks))} · {details.model_set}
          </p>
          <details>
            <summary>{t.raw}</summary>
            <pre class="output" tabIndex={0}>{JSON.stringify(answer, null, 2)}</pre>
          </details>
        </section>
      </div>
    </div>
  );
}
