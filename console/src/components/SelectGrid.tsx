import { Component, type ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Selection } from '../lib/selection';
import { useWindowing } from '../lib/windowing';
import { CheckIcon } from './icons';
import './select-grid.css';

/** How an item is drawn. */
interface Drawing<T> {
  nameOf(item: T): string;
  selectNameOf(item: T): string;
  render(item: T): ComponentChildren;
  /** Where a card leads; null where `onOpen` opens it. */
  hrefOf(item: T): string | null;
}

interface CardProps {
  id: string;
  index: number;
  /** How many cards the whole grid has. */
  count: number;
  /** The card is drawn anew when it is another one. */
  item: unknown;
  /** What `item` is drawn with; looked up when it is drawn, so that nothing is made for cards that stay as they are. */
  drawing: { current: Drawing<never> };
  selected: boolean;
  /** The one card of the grid that the Tab key reaches. */
  reachable: boolean;
  selectable: boolean;
  words: unknown;
  onPress(index: number, event: MouseEvent): void;
  onCheck(index: number, event: MouseEvent): void;
  onFocus(index: number): void;
}

const DRAWN_ANEW: readonly (keyof CardProps)[] = ['item', 'index', 'count', 'selected', 'reachable', 'selectable', 'words'];

/** One card. Thousands may be there, so that only those are drawn anew that changed. */
class Card extends Component<CardProps> {
  override shouldComponentUpdate(next: CardProps): boolean {
    return DRAWN_ANEW.some((name) => next[name] !== this.props[name]);
  }

  override render() {
    const { id, index, count, selected, reachable, selectable, onPress, onCheck, onFocus } = this.props;
    const drawing = this.props.drawing.current as Drawing<unknown>;
    const { item } = this.props;
    const content = drawing.render(item);
    const href = drawing.hrefOf(item);
    const shared = {
      class: 'grid-open',
      tabIndex: reachable ? 0 : -1,
      'data-index': index,
      'aria-label': drawing.nameOf(item),
      onClick: (event: MouseEvent) => onPress(index, event),
      onFocus: () => onFocus(index),
    };
    return (
      <li class="grid-card" data-id={id} data-selected={selected} aria-posinset={index + 1} aria-setsize={count}>
        {href === null ? (
          <button type="button" {...shared}>
            {content}
          </button>
        ) : (
          <a href={href} draggable={false} {...shared}>
            {content}
          </a>
        )}
        {selectable && (
          <button
            type="button"
            class="grid-check"
            role="checkbox"
            aria-checked={selected}
            aria-label={drawing.selectNameOf(item)}
            tabIndex={-1}
            onClick={(event) => onCheck(index, event)}
          >
            <CheckIcon />
          </button>
        )}
      </li>
    );
  }
}

interface Props<T> extends Drawing<T> {
  label: string;
  items: readonly T[];
  idOf(item: T): string;
  onOpen?: (item: T) => void;
  /** Null where nothing may be selected. */
  selection: Selection | null;
  /** Changes when the words of the cards do. */
  words: unknown;
  small?: boolean;
}

/**
 * Cards of pictures that are opened, or selected: by their corner, with Ctrl, a range with Shift; by keyboard with the
 * arrows, Space, and Shift with an arrow.
 */
export function SelectGrid<T>(props: Props<T>) {
  const { items, idOf, selection, small = false } = props;
  const list = useRef<HTMLUListElement>(null);
  const [reachable, setReachable] = useState(0);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    if (reachable >= items.length && items.length > 0) setReachable(items.length - 1);
  }, [items.length, reachable]);

  const ids = () => latest.current.items.map(latest.current.idOf);
  const shown = useWindowing(list, items.length);
  const focusCard = (index: number) =>
    shown.reveal(index, () => list.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus());
  const drawn = reachable >= shown.from && reachable < shown.to ? reachable : shown.from;
  const actions = useRef({
    onFocus: (index: number) => setReachable(index),
    onCheck: (index: number, event: MouseEvent) => {
      const { selection: chosen } = latest.current;
      if (event.shiftKey) chosen?.extend(ids(), index);
      else chosen?.toggle(ids(), index);
    },
    onPress: (index: number, event: MouseEvent) => {
      const { selection: chosen, onOpen, items: all } = latest.current;
      const selecting = event.shiftKey || event.ctrlKey || event.metaKey;
      if (chosen && selecting) {
        event.preventDefault();
        if (event.shiftKey) chosen.extend(ids(), index);
        else chosen.toggle(ids(), index);
      } else if (onOpen) {
        event.preventDefault();
        const item = all[index];
        if (item !== undefined) onOpen(item);
      }
    },
  }).current;

  /** How many cards stand in a row. */
  const columns = () =>
    list.current ? getComputedStyle(list.current).gridTemplateColumns.split(' ').length : 1;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = reachable;
    const step: Record<string, () => number> = {
      ArrowRight: () => at + 1,
      ArrowLeft: () => at - 1,
      ArrowDown: () => at + columns(),
      ArrowUp: () => at - columns(),
      Home: () => 0,
      End: () => items.length - 1,
    };
    const move = step[event.key];
    if (move) {
      const to = move();
      event.preventDefault();
      if (to < 0 || to >= items.length) return;
      if (event.shiftKey && selection) {
        selection.begin(ids(), at);
        selection.extend(ids(), to);
      }
      focusCard(to);
    } else if (event.key === ' ' && selection) {
      event.preventDefault();
      if (event.shiftKey) selection.extend(ids(), at);
      else selection.toggle(ids(), at);
    }
  };
  return (
    <ul
      ref={list}
      class={small ? 'grid grid-small' : 'grid'}
      aria-label={props.label}
      data-selecting={selection !== null && selection.size > 0}
      onKeyDown={onKeyDown}
    >
      {items.slice(shown.from, shown.to).map((item, offset) => {
        const index = shown.from + offset;
        return (
          <Card
            key={idOf(item)}
            id={idOf(item)}
            index={index}
            count={items.length}
            item={item}
            drawing={latest}
            selected={selection?.has(idOf(item)) ?? false}
            reachable={index === drawn}
            selectable={selection !== null}
            words={props.words}
            {...actions}
          />
        );
      })}
    </ul>
  );
}
