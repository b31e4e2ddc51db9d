import type { ComponentChildren } from 'preact';
import type { Readings } from '../../api/pendingPhotos';
import type { StoredPhoto } from '../../api/photos';
import { Loading } from '../../components/Loading';
import { Problem } from '../../components/Problem';
import { useWords } from '../../i18n';
import { percent } from '../../i18n/format';
import type { Loaded } from '../../lib/load';

interface Props {
  photo: StoredPhoto;
  readings: Loaded<Readings>;
}

/** What the live plugins make of the stored scene, beside what is stored. */
export function PluginsSay({ photo, readings }: Props) {
  const { photo: t } = useWords();
  const { data, problem } = readings;
  return (
    <section class="card">
      <h2>{t.plugins}</h2>
      {problem ? <Problem problem={problem} onRetry={readings.reload} /> : !data ? <Loading /> : <Says photo={photo} data={data} />}
    </section>
  );
}

function Says({ photo, data }: { photo: StoredPhoto; data: Readings }) {
  const { photo: t } = useWords();
  const { plugins, context } = data;
  const before = new Set(photo.tags);
  const now = new Set(data.scored_tags.map((tag) => tag.name));
  return (
    <>
      <p>
        <span class={data.same_as_stored ? 'chip chip-good' : 'chip chip-warn'}>{data.same_as_stored ? t.same : t.differs}</span>
      </p>
      {data.lacking.length > 0 && <p class="plugin-lacking">{t.lacking(data.lacking.join(', '))}</p>}
      <dl class="plugin-says">
        <Said slot={t.slots.tagger} plugin={plugins.tagger}>
          <span class="plugin-tags">
            {[...now].map((tag) => (
              <span key={tag} class={before.has(tag) ? 'chip' : 'chip chip-good'}>
                {!before.has(tag) && '+ '}
                {tag}
              </span>
            ))}
            {[...before].filter((tag) => !now.has(tag)).map((tag) => (
              <del key={tag} class="chip chip-bad">
                {tag}
              </del>
            ))}
            {now.size + before.size === 0 && <span class="muted">{t.noTags}</span>}
          </span>
        </Said>
        <Said slot={t.slots['context-mapper']} plugin={plugins['context-mapper']}>
          <strong>{context.phrase}</strong> <span class="muted">({percent(context.confidence)})</span>
          {context.reason && <p class="muted small">{context.reason}</p>}
        </Said>
        <Said slot={t.slots['cluster-policy']} plugin={plugins['cluster-policy']}>
          <span class="muted">{t.policySays}</span>
        </Said>
      </dl>
    </>
  );
}

function Said(props: { slot: string; plugin: { name: string; version: string; digest: string }; children: ComponentChildren }) {
  const { plugin } = props;
  return (
    <div>
      <dt>
        {props.slot}{' '}
        <span class="muted small" title={plugin.digest}>
          {plugin.name} {plugin.version}
        </span>
      </dt>
      <dd>{props.children}</dd>
    </div>
  );
}
