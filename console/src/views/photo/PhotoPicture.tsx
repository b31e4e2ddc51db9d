import { useState } from 'preact/hooks';
import { photoPicture, type StoredFace, type StoredPhoto } from '../../api/photos';
import { PhotoFrame } from '../../components/photo/PhotoFrame';
import { Picture } from '../../components/Picture';
import { useWords } from '../../i18n';
import { percent } from '../../i18n/format';
import { personColour, personNumber } from '../../lib/colour';
import { shortId } from '../../lib/person-words';
import { usePhotoPicture } from '../../lib/photo-picture';
import { FaceCard } from './FaceCard';

/** The longer side of what is shown, in pixels. */
const LONGEST = 1600;

interface Props {
  photo: StoredPhoto;
  /** Whether the key may have the photo fetched from its source. */
  mayFetch: boolean;
  active: string | null;
  onActive(faceId: string | null): void;
  version: number;
}

/** The proportions of the photo; where the scene was not kept, so far that all boxes are inside. */
function sizeOf(photo: StoredPhoto): { width: number; height: number } {
  const scene = photo.details?.scene;
  if (scene) return { width: scene.width, height: scene.height };
  const reach = (at: 2 | 3) => Math.max(64, ...photo.faces.map((face) => face.bounding_box[at] ?? 0)) * 1.1;
  return { width: reach(2), height: reach(3) };
}

const thumbnail = (face: StoredFace) => <Picture path={`/api/faces/${face.face_id}/thumbnail`} alt="" />;

export function PhotoPicture({ photo, mayFetch, active, onActive, version }: Props) {
  const { photo: t, photos } = useWords();
  const [things, setThings] = useState(false);
  const asked = mayFetch && photo.has_url !== false;
  const shown = usePhotoPicture(asked ? photoPicture(photo.file_id, LONGEST) : null, version);
  const { width, height } = sizeOf(photo);
  const objects = photo.details?.scene.objects ?? [];
  const why = !mayFetch ? t.noPicture.noRight : shown.problem && shown.problem.code !== 'no_stored_url' ? t.noPicture.failed(shown.problem.problem.detail) : t.noPicture.notStored;
  return (
    <div class="photo-picture">
      <PhotoFrame
        width={width}
        height={height}
        label={t.frame(photos.faces(photo.faces.length))}
        active={active}
        onActive={onActive}
        boxes={photo.faces.map((face, at) => ({
          key: face.face_id,
          bounds: face.bounding_box,
          colour: personColour(personNumber(face.cluster_id)),
          badge: String(at + 1),
          name: t.face(at + 1, shortId(face.cluster_id)),
          content: thumbnail(face),
        }))}
        outlines={things ? objects.map((thing, at) => ({ key: String(at), bounds: thing.bounding_box, name: `${thing.name} ${percent(thing.score)}` })) : []}
        picture={shown.address !== null ? <img src={shown.address} alt={t.picture} draggable={false} /> : undefined}
        detail={(key) => {
          const at = photo.faces.findIndex((face) => face.face_id === key);
          const face = photo.faces[at];
          return face && <FaceCard face={face} place={at + 1} />;
        }}
      />
      <div class="photo-under">
        {shown.loading && <span role="status">{t.fetching}</span>}
        {!shown.loading && shown.address === null && (
          <span>
            <strong>{t.noPicture.title}</strong> {why}
          </span>
        )}
        {objects.length > 0 && (
          <label class="photo-toggle">
            <input type="checkbox" checked={things} onChange={(event) => setThings(event.currentTarget.checked)} />
            {t.objects} ({objects.length})
          </label>
        )}
      </div>
    </div>
  );
}
