import type { Pages } from '../lib/load';
import { useWords } from '../i18n';
import { Button } from './Button';
import { Loading } from './Loading';
import { Problem } from './Problem';
import './states.css';

/** Below a list that is read page by page: more, the wait, or what went wrong. */
export function Pager({ pages }: { pages: Pick<Pages<unknown>, 'loading' | 'problem' | 'hasMore' | 'more'> }) {
  const { shell } = useWords();
  if (pages.loading) return <Loading />;
  if (pages.problem) return <Problem problem={pages.problem} onRetry={pages.more} />;
  if (!pages.hasMore) return null;
  return (
    <p class="state-actions pager">
      <Button onClick={pages.more}>{shell.more}</Button>
    </p>
  );
}
