import { useWords } from '../../i18n';

export function PersonView() {
  const { person } = useWords();
  return (
    <header class="view-head">
      <h1>{person.title}</h1>
    </header>
  );
}
