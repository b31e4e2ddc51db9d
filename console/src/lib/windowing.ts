/** Draws of a long list only the rows near the window: thousands of cards cost time in every frame, drawn or not. */
import type { RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** A list that is no longer than this is drawn as a whole. */
const WHOLE = 240;
/** How far outside of the window cards are drawn, in pixels. */
const BEYOND = 1200;

interface Rows {
  columns: number;
  /** From the top of one row to that of the next, in pixels. */
  height: number;
}

/** How the browser has laid out a grid whose cards are all equally high. */
function measure(list: HTMLElement): Rows | null {
  const card = list.firstElementChild as HTMLElement | null;
  if (!card || card.offsetHeight === 0) return null;
  const style = getComputedStyle(list);
  return {
    columns: style.gridTemplateColumns.split(' ').length,
    height: card.getBoundingClientRect().height + (parseFloat(style.rowGap) || 0),
  };
}

export interface Windowing {
  /** The items that are drawn: from this one, and before that one. */
  from: number;
  to: number;
  /** Sees to it that the item is drawn, and calls back then. */
  reveal(index: number, then: () => void): void;
}

export function useWindowing(list: RefObject<HTMLElement>, count: number): Windowing {
  const whole = count <= WHOLE;
  const [range, setRange] = useState({ from: 0, to: WHOLE });
  const revealed = useRef<(() => void) | null>(null);
  const latest = useRef({ count, range });
  latest.current = { count, range };

  const follow = useCallback(() => {
    const element = list.current;
    const rows = element && measure(element);
    if (!element || !rows) return;
    const { top } = element.getBoundingClientRect();
    const firstRow = Math.max(0, Math.floor((-top - BEYOND) / rows.height));
    const lastRow = Math.ceil((window.innerHeight - top + BEYOND) / rows.height);
    const from = Math.min(firstRow * rows.columns, Math.max(0, latest.current.count - WHOLE));
    setAligned(rows, from, lastRow * rows.columns);
  }, []);

  /** Rows stay whole at the top, so that each card keeps its column. */
  const setAligned = (rows: Rows, from: number, to: number) => {
    const start = Math.floor(from / rows.columns) * rows.columns;
    const { range: before } = latest.current;
    if (start !== before.from || to !== before.to) setRange({ from: start, to });
  };

  useEffect(() => {
    if (whole) return undefined;
    let frame = 0;
    const onScroll = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(follow);
    };
    follow();
    window.addEventListener('scroll', onScroll, { passive: true });
    window.addEventListener('resize', onScroll);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener('scroll', onScroll);
      window.removeEventListener('resize', onScroll);
    };
  }, [whole, count]);

  // What is not drawn is as high as if it were.
  useLayoutEffect(() => {
    const element = list.current;
    const rows = element && measure(element);
    if (!element) return;
    if (whole || !rows) {
      element.style.paddingBlock = '';
      return;
    }
    const { from, to } = range;
    const after = Math.ceil(count / rows.columns) - Math.ceil(Math.min(to, count) / rows.columns);
    element.style.paddingBlock = `${(from / rows.columns) * rows.height}px ${after * rows.height}px`;
    revealed.current?.();
    revealed.current = null;
  });

  return {
    from: whole ? 0 : range.from,
    to: whole ? count : Math.min(range.to, count),
    reveal(index, then) {
      const element = list.current;
      const rows = element && measure(element);
      if (whole || !element || !rows || (index >= range.from && index < range.to)) {
        then();
        return;
      }
      revealed.current = then;
      setAligned(rows, Math.max(0, index - WHOLE / 2), index + WHOLE / 2);
    },
  };
}
