import { useWords } from '../../i18n';

export function PairsView() {
  const { pairs } = useWords();
  return (
    <header class="view-head">
      <h1>{pairs.title}</h1>
    </header>
  );
}
