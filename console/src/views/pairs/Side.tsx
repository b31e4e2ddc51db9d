import { faceThumbnail, listFaces, personThumbnail } from '../../api/people';
import type { Person } from '../../api/people-types';
import { PersonTag } from '../../components/PersonTag';
import { Picture } from '../../components/Picture';
import { useWords } from '../../i18n';
import { useLoad } from '../../lib/load';
import { faceCount, personName } from '../../lib/person-words';
import { personLink } from '../../routes';

/** How many faces are shown beside the representative. */
const MORE_FACES = 6;

/** One of the two: the picture that stands for the person, and a few others. */
export function Side({ person, keeps }: { person: Person; keeps: boolean }) {
  const words = useWords();
  const { cluster_id: id, representative_face_id: representative } = person;
  const loaded = useLoad((signal) => listFaces(id, 'stored', null, signal, MORE_FACES + 1), [id, person.faces]);
  const others = (loaded.data?.items ?? []).filter((face) => face.face_id !== representative).slice(0, MORE_FACES);
  return (
    <article class="side" aria-label={personName(words, person)} data-id={id}>
      <Picture class="side-large" path={personThumbnail(person)} alt="" />
      <p class="side-caption">
        <a href={`#${personLink(id)}`}>
          <PersonTag id={id} />
        </a>
        <span>{faceCount(words, person.faces)}</span>
        {keeps && <span class="chip">{words.pairs.stays}</span>}
      </p>
      <div class="side-more">
        {others.map((face) => (
          <Picture key={face.face_id} path={faceThumbnail(face.face_id)} alt="" />
        ))}
      </div>
    </article>
  );
}
