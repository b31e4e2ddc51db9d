import { unmerge } from '../../api/people';
import type { PersonDetails } from '../../api/people-types';
import { Button } from '../../components/Button';
import { PersonTag } from '../../components/PersonTag';
import { useWords } from '../../i18n';
import { useAction } from '../../lib/actions';
import type { PersonContext } from './PersonView';

interface Props {
  person: PersonDetails;
  context: PersonContext;
  onChanged(): void;
}

/** The ids that were merged into this person, each with the way back. */
export function FormerIds({ person, context, onChanged }: Props) {
  const { person: t } = useWords();
  const action = useAction();
  const ids = person.merged_cluster_ids;
  if (ids.length === 0) return null;
  const takeBack = (id: string) =>
    action.run(async () => {
      await unmerge(id);
      context.done(t.former.done);
      onChanged();
    });
  return (
    <details class="former">
      <summary>{t.former.title(ids.length)}</summary>
      <p class="muted small">{t.former.why}</p>
      <ul>
        {ids.map((id) => (
          <li key={id}>
            <PersonTag id={id} />
            <code class="former-id">{id}</code>
            {context.mayCurate && (
              <Button small busy={action.busy} onClick={() => void takeBack(id)}>
                {t.former.unmerge}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
