import { useWords } from '../../i18n';

export function PeopleView() {
  const { people } = useWords();
  return (
    <header class="view-head">
      <h1>{people.title}</h1>
    </header>
  );
}
