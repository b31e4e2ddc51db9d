import { photoPicture } from '../../api/photos';
import type { PhotoSummary } from '../../api/pendingPhotos';
import { NoPhotoIcon } from '../../components/photo/NoPhotoIcon';
import { Picture } from '../../components/Picture';
import { useWords } from '../../i18n';
import { photoLink } from '../../routes';

/** The longer side that a card needs, for screens of twice the pixels, too. */
const CARD_PIXELS = 480;
const PEOPLE_SHOWN = 4;
const TAGS_SHOWN = 3;

/** A photo in a list: its picture, else the people in it. */
export function PhotoCard({ photo, mayFetch }: { photo: PhotoSummary; mayFetch: boolean }) {
  const { photos: t } = useWords();
  const tags = photo.tags ?? [];
  return (
    <a class="photo-card" href={`#${photoLink(photo.file_id)}`}>
      <span class="photo-card-picture">
        {photo.has_url && mayFetch ? (
          <Picture path={photoPicture(photo.file_id, CARD_PIXELS)} alt="" />
        ) : photo.cluster_ids.length > 0 ? (
          <span class={`photo-card-people photo-card-people-${Math.min(PEOPLE_SHOWN, photo.cluster_ids.length)}`}>
            {photo.cluster_ids.slice(0, PEOPLE_SHOWN).map((id) => (
              <Picture key={id} path={`/api/cluster/${id}/thumbnail`} alt="" />
            ))}
          </span>
        ) : (
          <NoPhotoIcon />
        )}
        {photo.faces > 0 && <span class="photo-card-faces">{t.faces(photo.faces)}</span>}
      </span>
      <span class="photo-card-text">
        <span class="photo-card-phrase">{photo.context ?? t.undescribed}</span>
        {tags.length > 0 && (
          <span class="photo-card-tags">
            {tags.slice(0, TAGS_SHOWN).join(' · ')}
            {tags.length > TAGS_SHOWN && ` · +${tags.length - TAGS_SHOWN}`}
          </span>
        )}
        <span class="photo-card-id">{photo.file_id}</span>
      </span>
    </a>
  );
}
