import type { IdentifiedFace } from '../../api/pendingPhotos';
import { PersonTag } from '../../components/PersonTag';
import { useWords } from '../../i18n';
import { personLink } from '../../routes';

/** Whom the policy would choose for a face, and why. */
export function FaceRow({ face, place }: { face: IdentifiedFace; place: number }) {
  const { tryPhoto: t } = useWords();
  return (
    <div class="try-who">
      <p>
        <strong>{t.face(place)}</strong>{' '}
        {face.cluster_id === null ? (
          <span class="chip chip-info">{t.somebodyNew}</span>
        ) : (
          <>
            {t.chosen}{' '}
            <a href={`#${personLink(face.cluster_id)}`}>
              <PersonTag id={face.cluster_id} />
            </a>
          </>
        )}
      </p>
      <p class="small muted">{face.reason}</p>
    </div>
  );
}
