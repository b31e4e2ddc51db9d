import { getPhoto, photoPicture } from '../../api/photos';
import { NoPhotoIcon } from '../../components/photo/NoPhotoIcon';
import { Picture } from '../../components/Picture';
import { useLoad } from '../../lib/load';
import { photoLink } from '../../routes';

/** The longer side, for screens of twice the pixels, too. */
const PIXELS = { small: 160, large: 320 } as const;

/** A stored photo, small: itself where the worker can fetch it again, else its largest face. */
export function PhotoThumb({ fileId, large = false }: { fileId: string; large?: boolean }) {
  const { data } = useLoad((signal) => getPhoto(fileId, signal), [fileId]);
  const face = data?.faces[0];
  return (
    <a class={large ? 'thumb thumb-large' : 'thumb'} href={`#${photoLink(fileId)}`} title={fileId} aria-label={fileId}>
      {data &&
        (data.has_url !== false ? (
          <Picture path={photoPicture(fileId, large ? PIXELS.large : PIXELS.small)} alt="" />
        ) : face ? (
          <Picture path={`/api/faces/${face.face_id}/thumbnail`} alt="" />
        ) : (
          <NoPhotoIcon />
        ))}
    </a>
  );
}
