import { useEffect, useRef } from 'preact/hooks';
import type { StoredFace } from '../../api/photos';
import { PersonTag } from '../../components/PersonTag';
import { Picture } from '../../components/Picture';
import { useWords } from '../../i18n';
import { percent } from '../../i18n/format';
import { personColour, personNumber } from '../../lib/colour';
import { personLink } from '../../routes';
import { demographics } from './FaceCard';

interface Props {
  faces: readonly StoredFace[];
  active: string | null;
  onActive(faceId: string | null): void;
}

/** Everybody in the photo, with the numbers of the boxes. */
export function FaceList({ faces, active, onActive }: Props) {
  const words = useWords();
  const { photo: t } = words;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // Within the list only: the page must not jump while somebody points at the photo.
    const item = list.current?.querySelector<HTMLElement>('[data-active]');
    if (item && list.current) {
      const { offsetTop, offsetHeight } = item;
      const { scrollTop, clientHeight } = list.current;
      if (offsetTop < scrollTop) list.current.scrollTop = offsetTop;
      else if (offsetTop + offsetHeight > scrollTop + clientHeight) list.current.scrollTop = offsetTop + offsetHeight - clientHeight;
    }
  }, [active]);
  return (
    <section class="card">
      <h2>{t.people}</h2>
      {faces.length === 0 && <p class="muted">{t.nobody}</p>}
      <ul class="face-list" ref={list} tabIndex={faces.length > 5 ? 0 : undefined} aria-label={t.people}>
        {faces.map((face, at) => (
          <li
            key={face.face_id}
            data-active={face.face_id === active ? '' : undefined}
            onMouseEnter={() => onActive(face.face_id)}
            onMouseLeave={() => onActive(null)}
          >
            <a href={`#${personLink(face.cluster_id)}`} onFocus={() => onActive(face.face_id)} onBlur={() => onActive(null)}>
              <span class="face-number" style={{ background: personColour(personNumber(face.cluster_id)) }}>
                {at + 1}
              </span>
              <Picture path={`/api/faces/${face.face_id}/thumbnail`} alt="" />
              <span class="face-who">
                <PersonTag id={face.cluster_id} />
                <span class="muted small">{demographics(words, face)}</span>
              </span>
            </a>
            <span class="face-scores muted small">
              {t.quality} {percent(face.quality)} <br />
              {t.confidence} {percent(face.confidence)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
