import type { Candidate } from '../../api/pendingPhotos';
import { PersonTag } from '../../components/PersonTag';
import { Picture } from '../../components/Picture';
import { useWords } from '../../i18n';
import { number, percent } from '../../i18n/format';
import { personLink } from '../../routes';

/** Stored people who resemble a face, most similar first. */
export function Candidates({ people, chosen }: { people: readonly Candidate[]; chosen: string | null }) {
  const { tryPhoto: t, people: p } = useWords();
  if (people.length === 0) return <p class="muted small">{t.noCandidates}</p>;
  return (
    <ul class="candidates" aria-label={t.candidates}>
      {people.map((person) => (
        <li key={person.cluster_id}>
          <a href={`#${personLink(person.cluster_id)}`} data-chosen={person.cluster_id === chosen ? '' : undefined}>
            <Picture path={person.thumbnail} alt="" />
            <strong>{percent(person.similarity)}</strong>
            <PersonTag id={person.cluster_id} />
            <span class="small muted">{p.faces(person.faces, number(person.faces))}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
