import { useEffect, useState } from 'preact/hooks';
import { listPhotos, listTags } from '../../api/photos';
import { mayDo, session } from '../../api/session';
import { Button } from '../../components/Button';
import { Empty } from '../../components/Empty';
import { CloseIcon } from '../../components/icons';
import { Pager } from '../../components/Pager';
import { PersonTag } from '../../components/PersonTag';
import { Picture } from '../../components/Picture';
import { Problem } from '../../components/Problem';
import { useWords } from '../../i18n';
import { number } from '../../i18n/format';
import { useLoad, usePages } from '../../lib/load';
import { useStore } from '../../lib/store';
import { personLink, photosTagged, type ViewProps } from '../../routes';
import { PhotoCard } from './PhotoCard';
import './photos.css';

/** Chips before the rest is asked for. */
const TAGS_SHOWN = 16;

/** All photos, newest first, or those with a tag, or of a person. */
export function PhotosView({ params }: ViewProps) {
  const { photos: t } = useWords();
  const filter = { tag: params['tag'] ?? null, person: params['person'] ?? null };
  const pages = usePages((before: number | null, signal) => listPhotos(filter, before, signal), [filter.tag, filter.person]);
  const mayFetch = mayDo(useStore(session).who?.role, 'curate');
  const filtered = filter.tag !== null || filter.person !== null;
  return (
    <>
      <header class="view-head">
        <h1>{t.title}</h1>
      </header>
      {filter.person === null ? <TagChips chosen={filter.tag} /> : <OfPerson id={filter.person} />}
      {pages.items.length > 0 && (
        <ul class="photo-grid">
          {pages.items.map((photo) => (
            <li key={photo.file_id}>
              <PhotoCard photo={photo} mayFetch={mayFetch} />
            </li>
          ))}
        </ul>
      )}
      {pages.items.length === 0 && !pages.loading && !pages.problem ? (
        <Empty title={filtered ? t.empty.filtered : t.empty.title}>
          <p>{filtered ? t.empty.filteredWhy : t.empty.why}</p>
          {filtered ? <a href="#/photos">{t.clear}</a> : mayFetch && <a href="#/try">{t.empty.try}</a>}
        </Empty>
      ) : (
        <Pager pages={pages} />
      )}
    </>
  );
}

function TagChips({ chosen }: { chosen: string | null }) {
  const { photos: t } = useWords();
  const loaded = useLoad(listTags, []);
  const [all, setAll] = useState(false);
  // Where the chosen one is rare, it is shown all the same.
  const tags = loaded.data ?? [];
  const shown = all ? tags : tags.filter((tag, at) => at < TAGS_SHOWN || tag.name === chosen);
  useEffect(() => setAll(false), [chosen]);
  if (loaded.problem) return <Problem problem={loaded.problem} onRetry={loaded.reload} />;
  return (
    <nav class="tag-chips" aria-label={t.tags}>
      <a class="tag-chip" href="#/photos" aria-current={chosen === null ? 'page' : undefined}>
        {t.all}
      </a>
      {shown.map((tag) => (
        <a
          key={tag.name}
          class="tag-chip"
          href={`#${photosTagged(tag.name)}`}
          aria-current={tag.name === chosen ? 'page' : undefined}
        >
          {tag.name} <span class="tag-count">{number(tag.photos)}</span>
        </a>
      ))}
      {tags.length > TAGS_SHOWN && (
        <Button kind="quiet" small onClick={() => setAll(!all)}>
          {all ? t.fewerTags : t.moreTags(tags.length - shown.length)}
        </Button>
      )}
    </nav>
  );
}

function OfPerson({ id }: { id: string }) {
  const { photos: t } = useWords();
  return (
    <div class="photo-person">
      <a class="photo-person-link" href={`#${personLink(id)}`} title={t.seePerson}>
        <Picture path={`/api/cluster/${encodeURIComponent(id)}/thumbnail`} alt="" />
        <span>
          {t.ofPerson} <PersonTag id={id} />
        </span>
      </a>
      <a class="tag-chip" href="#/photos">
        <CloseIcon />
        {t.clear}
      </a>
    </div>
  );
}
