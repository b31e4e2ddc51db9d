import { useWords } from '../../i18n';

export function PhotoView() {
  const { photo } = useWords();
  return (
    <header class="view-head">
      <h1>{photo.title}</h1>
    </header>
  );
}
