import { useEffect, useRef } from 'preact/hooks';

/** Calls again and again, as long as the page is visible; nothing is asked for a page that nobody looks at. */
export function useWhileVisible(work: () => void, everyMs: number, enabled = true): void {
  const latest = useRef(work);
  latest.current = work;
  useEffect(() => {
    if (!enabled) return undefined;
    let timer: ReturnType<typeof setInterval> | undefined;
    const follow = () => {
      clearInterval(timer);
      timer = undefined;
      if (document.visibilityState === 'visible') {
        latest.current();
        timer = setInterval(() => latest.current(), everyMs);
      }
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', follow);
    };
  }, [everyMs, enabled]);
}
