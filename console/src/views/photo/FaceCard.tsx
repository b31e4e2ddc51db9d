import { getFace, type Face } from '../../api/people';
import type { StoredFace } from '../../api/photos';
import { Loading } from '../../components/Loading';
import { PersonTag } from '../../components/PersonTag';
import { Picture } from '../../components/Picture';
import { useWords, type Messages } from '../../i18n';
import { number, percent } from '../../i18n/format';
import { useLoad } from '../../lib/load';
import { personLink } from '../../routes';

/** Age and gender, as far as they are known. */
export function demographics(words: Messages, face: { age: number | null; gender: 'female' | 'male' | null }): string {
  const { photo: t } = words;
  const age = face.age === null ? null : t.years(number(Math.round(face.age)));
  return [face.gender && t.gender[face.gender], age].filter(Boolean).join(', ');
}

/** Who a face is, and why. */
export function FaceCard({ face, place }: { face: StoredFace; place: number }) {
  const words = useWords();
  const { photo: t } = words;
  const loaded = useLoad((signal) => getFace(face.face_id, signal), [face.face_id]);
  return (
    <div class="face-card">
      <a class="face-card-who" href={`#${personLink(face.cluster_id)}`} title={t.toPerson}>
        <Picture path={`/api/cluster/${face.cluster_id}/thumbnail`} alt="" />
        <span>
          <strong>
            {place} · <PersonTag id={face.cluster_id} />
          </strong>
          <span class="muted">{demographics(words, face)}</span>
        </span>
      </a>
      {loaded.problem ? (
        <p class="muted">{loaded.problem.problem.detail}</p>
      ) : loaded.data ? (
        <Why face={loaded.data} />
      ) : (
        <Loading />
      )}
    </div>
  );
}

function Why({ face }: { face: Face }) {
  const { photo: t, person } = useWords();
  const { decision } = face;
  if (!decision) return <p class="muted">{person.detail.unknown}</p>;
  const nearest = decision.neighbours[0];
  return (
    <>
      <p>
        <strong>{person.detail.by[decision.decided_by]}:</strong> {decision.reason}
      </p>
      <p class="muted">
        {nearest ? t.mostSimilar(percent(nearest.similarity)) : t.nobodyBefore}
        {nearest && ` · ${t.threshold(percent(decision.threshold))}`}
      </p>
    </>
  );
}
