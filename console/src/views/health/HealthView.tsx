import { useWords } from '../../i18n';

export function HealthView() {
  const { health } = useWords();
  return (
    <header class="view-head">
      <h1>{health.title}</h1>
    </header>
  );
}
