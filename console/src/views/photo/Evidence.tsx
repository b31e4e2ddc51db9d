import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { components } from '../../api/schema';
import type { StoredPhoto } from '../../api/photos';
import { Button } from '../../components/Button';
import { Scores } from '../../components/photo/Scores';
import { useWords } from '../../i18n';
import { number, percent } from '../../i18n/format';

type Seen = Pick<components['schemas']['Scene'], 'labels' | 'objects' | 'indoor' | 'caption' | 'text'> & {
  similarities?: number[] | null;
  text_similarities?: number[] | null;
};

const LABELS_SHOWN = 6;

/** What the networks saw, from which the plugins made tags and phrase. */
export function Evidence({ photo }: { photo: StoredPhoto }) {
  const { photo: t } = useWords();
  const scene = photo.details?.scene;
  return (
    <section class="card">
      <h2>{t.evidence}</h2>
      {scene ? <SeenThings seen={scene} /> : <p class="muted">{t.noScene}</p>}
      {scene && photo.details && (
        <dl class="facts">
          <div>
            <dt>{t.size}</dt>
            <dd>{t.pixels(number(scene.width), number(scene.height))}</dd>
          </div>
          <div>
            <dt>{t.models}</dt>
            <dd>{photo.details.model_set}</dd>
          </div>
        </dl>
      )}
    </section>
  );
}

export function SeenThings({ seen }: { seen: Seen }) {
  const { photo: t } = useWords();
  const [all, setAll] = useState(false);
  const labels = seen.labels ?? [];
  const similarities = [...(seen.similarities ?? []), ...(seen.text_similarities ?? [])];
  return (
    <>
      {seen.indoor !== null && (
        <Scores rows={[{ name: t.indoor, score: seen.indoor }]} />
      )}
      {seen.caption !== null && (
        <Part title={t.caption}>
          <p lang="en">“{seen.caption}”</p>
        </Part>
      )}
      {seen.objects && seen.objects.length > 0 && (
        <Part title={t.things}>
          <p class="plugin-tags">
            {seen.objects.map((thing, at) => (
              <span key={at} class="chip" lang="en">
                {thing.name} <span class="muted">{percent(thing.score)}</span>
              </span>
            ))}
          </p>
        </Part>
      )}
      {labels.length > 0 && (
        <Part title={t.labels}>
          <div lang="en">
            <Scores rows={all ? labels : labels.slice(0, LABELS_SHOWN)} />
          </div>
          {labels.length > LABELS_SHOWN && (
            <Button kind="quiet" small onClick={() => setAll(!all)}>
              {all ? t.fewer : t.allLabels(labels.length)}
            </Button>
          )}
        </Part>
      )}
      {seen.text && seen.text.length > 0 && (
        <Part title={t.text}>
          <ul>
            {seen.text.map((line, at) => (
              <li key={at}>{line.text}</li>
            ))}
          </ul>
        </Part>
      )}
      {similarities.length > 0 && (
        <Part title={t.similaritiesTitle}>
          <p class="muted">{t.similarities(number(similarities.length), percent(Math.max(...similarities)))}</p>
        </Part>
      )}
    </>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="evidence-part">
      <h3>{title}</h3>
      {children}
    </div>
  );
}
