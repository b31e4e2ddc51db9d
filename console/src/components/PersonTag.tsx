import { personColour, personNumber } from '../lib/colour';
import { shortId } from '../lib/person-words';
import './person-tag.css';

/** A person's dot and the beginning of the id. */
export function PersonTag({ id }: { id: string }) {
  return (
    <span class="person-tag" title={id}>
      <span class="person-dot" style={{ background: personColour(personNumber(id)) }} />
      <span class="id">{shortId(id)}</span>
    </span>
  );
}
