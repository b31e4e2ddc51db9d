import type { StoredPhoto } from '../../api/photos';
import type { Readings } from '../../api/pendingPhotos';
import { Scores } from '../../components/photo/Scores';
import { useWords } from '../../i18n';

/** The stored tags with their scores; the reasons are those that the live tagger gives for them. */
export function Tags({ photo, readings }: { photo: StoredPhoto; readings: Readings | null }) {
  const { photo: t } = useWords();
  const reasons = new Map(readings?.scored_tags.map((tag) => [tag.name, tag.reason]));
  const scored = photo.details?.scored_tags ?? [];
  return (
    <section class="card">
      <h2>{t.tags}</h2>
      {scored.length === 0 ? (
        <p class="muted">{t.noTags}</p>
      ) : (
        <Scores rows={scored.map(({ name, score }) => ({ name, score, reason: reasons.get(name) }))} />
      )}
    </section>
  );
}
