import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { placeLabels, type Area } from './labels';
import './frame.css';

export interface FrameBox {
  key: string;
  /** x1, y1, x2, y2 in pixels of the photo. */
  bounds: readonly number[];
  colour: string;
  /** What stands beside the box. */
  badge: string;
  /** What the box is, for those who do not see it. */
  name: string;
  /** Shown in the box where there is no photo. */
  content?: ComponentChildren;
}

interface Props {
  /** Of the photo, in pixels. */
  width: number;
  height: number;
  boxes: readonly FrameBox[];
  /** Further boxes that cannot be chosen, such as things that an object detector found. */
  outlines?: readonly { key: string; bounds: readonly number[]; name: string }[];
  /** The photo itself; boxes only where there is none. */
  picture?: ComponentChildren;
  active: string | null;
  onActive(key: string | null): void;
  /** Who and why, for the box that is pointed at or has the focus. */
  detail?: (key: string) => ComponentChildren;
  label: string;
}

const LABEL_HEIGHT = 22;
const labelWidth = (badge: string) => 16 + 7.5 * badge.length;
const DETAIL_WIDTH = 288;

function place(bounds: readonly number[], width: number, height: number): JSX.CSSProperties {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = bounds;
  return {
    left: `${(100 * x1) / width}%`,
    top: `${(100 * y1) / height}%`,
    width: `${(100 * (x2 - x1)) / width}%`,
    height: `${(100 * (y2 - y1)) / height}%`,
  };
}

/** A photo, or its proportions, with a button on each face that says who it is while it is pointed at or has the focus. */
export function PhotoFrame(props: Props) {
  const { width, height, boxes, active } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState({ width: 0, height: 0 });
  const detailId = useId();
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setShown({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (active === null) return undefined;
    // A finger leaves nothing: it touches something else.
    const onPointerDown = (event: PointerEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (!target?.closest('.frame-box, .frame-detail')) props.onActive(null);
    };
    document.addEventListener('pointerdown', onPointerDown);
    return () => document.removeEventListener('pointerdown', onPointerDown);
  }, [active]);
  const scale = shown.width / width;
  const areas = boxes.map(({ bounds: [x1 = 0, y1 = 0, x2 = 0, y2 = 0] }): Area => {
    return { left: x1 * scale, top: y1 * scale, right: x2 * scale, bottom: y2 * scale };
  });
  const labels = placeLabels(shown, areas, boxes.map(({ badge }) => ({ width: labelWidth(badge), height: LABEL_HEIGHT })));
  const activeAt = boxes.findIndex((box) => box.key === active);
  const area = areas[activeAt];
  const detail = active !== null && area && props.detail ? props.detail(active) : null;
  return (
    <div
      class="frame"
      onMouseLeave={() => props.onActive(null)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') props.onActive(null);
      }}
    >
      <div
        ref={frame}
        class={props.picture ? 'frame-photo' : 'frame-photo frame-bare'}
        role="group"
        aria-label={props.label}
        style={{ aspectRatio: `${width} / ${height}`, maxWidth: `calc(var(--frame-height) * ${width / height})` }}
      >
        {props.picture}
        {props.outlines?.map((outline) => (
          <span key={outline.key} class="frame-outline" style={place(outline.bounds, width, height)}>
            <span>{outline.name}</span>
          </span>
        ))}
        {boxes.map((box, index) => (
          <button
            key={box.key}
            type="button"
            class={box.key === active ? 'frame-box frame-box-active' : 'frame-box'}
            style={{ ...place(box.bounds, width, height), '--box': box.colour }}
            aria-label={box.name}
            aria-describedby={box.key === active && detail ? detailId : undefined}
            onMouseEnter={() => props.onActive(box.key)}
            onFocus={() => props.onActive(box.key)}
            onClick={() => props.onActive(box.key)}
          >
            {!props.picture && box.content}
            {labels[index] == null && box.key !== active && <span class="visually-hidden">{box.badge}</span>}
          </button>
        ))}
        {boxes.map((box, index) => {
          const at = labels[index];
          return (
            at && (
              <span
                key={box.key}
                class="frame-label"
                aria-hidden="true"
                style={{ '--box': box.colour, left: `${at[0]}px`, top: `${at[1]}px`, width: `${labelWidth(box.badge)}px` }}
              >
                {box.badge}
              </span>
            )
          );
        })}
        {detail && area && (
          <div
            id={detailId}
            class="frame-detail"
            style={{
              '--box': boxes[activeAt]?.colour,
              '--left': `${Math.max(0, Math.min(shown.width - DETAIL_WIDTH, (area.left + area.right - DETAIL_WIDTH) / 2))}px`,
              ...(area.bottom + 220 < shown.height || area.top < shown.height / 2
                ? { '--top': `${area.bottom + 8}px` }
                : { '--top': 'auto', '--bottom': `${shown.height - area.top + 8}px` }),
            }}
          >
            {detail}
          </div>
        )}
      </div>
    </div>
  );
}
