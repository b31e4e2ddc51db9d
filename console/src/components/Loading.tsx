import { useWords } from '../i18n';
import './states.css';

export function Loading() {
  const { shell } = useWords();
  return (
    <p class="state loading" role="status">
      <span class="spinner" aria-hidden="true" />
      {shell.loading}
    </p>
  );
}
