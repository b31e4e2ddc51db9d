import { useWords } from '../../i18n';

export function PluginsView() {
  const { plugins } = useWords();
  return (
    <header class="view-head">
      <h1>{plugins.title}</h1>
    </header>
  );
}
