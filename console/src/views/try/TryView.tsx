import { useWords } from '../../i18n';

export function TryView() {
  const { tryPhoto } = useWords();
  return (
    <header class="view-head">
      <h1>{tryPhoto.title}</h1>
    </header>
  );
}
