import { useWords } from '../../i18n';

export function PhotosView() {
  const { photos } = useWords();
  return (
    <header class="view-head">
      <h1>{photos.title}</h1>
    </header>
  );
}
