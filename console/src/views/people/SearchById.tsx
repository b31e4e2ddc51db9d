import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { getFace, getPerson, isId } from '../../api/people';
import { asProblem } from '../../api/problem';
import { Button } from '../../components/Button';
import { SearchIcon } from '../../components/icons';
import { useWords } from '../../i18n';
import { useAction } from '../../lib/actions';
import { personLink } from '../../routes';

/** The person whose id it is, now or formerly, or whose face it is; null when there is none. */
async function findPerson(id: string): Promise<string | null> {
  for (const look of [getPerson, getFace]) {
    try {
      return (await look(id)).cluster_id;
    } catch (thrown) {
      if (asProblem(thrown).status !== 404) throw thrown;
    }
  }
  return null;
}

export function SearchById({ input }: { input: RefObject<HTMLInputElement> }) {
  const { people } = useWords();
  const [text, setText] = useState('');
  const [said, setSaid] = useState<string | null>(null);
  const action = useAction();
  const [, navigate] = useLocation();
  const submit = (event: Event) => {
    event.preventDefault();
    const id = text.trim().toLowerCase();
    if (!isId(id)) {
      setSaid(people.search.notAnId);
      return;
    }
    void action.run(async () => {
      const found = await findPerson(id);
      if (found === null) setSaid(people.search.unknown);
      else navigate(personLink(found));
    });
  };
  return (
    <form class="search" role="search" onSubmit={submit}>
      <input
        ref={input}
        type="search"
        aria-label={people.search.label}
        placeholder={people.search.hint}
        spellcheck={false}
        autocomplete="off"
        value={text}
        aria-invalid={said !== null}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setSaid(null);
        }}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <Button type="submit" label={people.search.go} busy={action.busy}>
        <SearchIcon />
      </Button>
      {said !== null && (
        <p class="field-problem small" role="alert">
          {said}
        </p>
      )}
    </form>
  );
}
