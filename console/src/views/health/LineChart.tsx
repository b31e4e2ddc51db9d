import { useState } from 'preact/hooks';
import { time } from '../../i18n/format';

export interface Series {
  name: string;
  /** A number from 1: the style of its line. */
  style: 1 | 2;
  values: readonly (number | null)[];
}

interface Props {
  title: string;
  /** The value of the moment, in words. */
  now: string;
  series: readonly Series[];
  /** Seconds since 1970 of each value. */
  times: readonly number[];
  /** How many seconds the width stands for. */
  span: number;
  show(value: number): string;
  /** What the scale reaches in any case. */
  atLeast?: number;
  /** What is shown as 1: the scale ends at a round number of these. */
  unit?: number;
}

const WIDTH = 300;
const HEIGHT = 90;

/** The next of 1, 2, 5, 10, 20, … */
function nice(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((step) => step * power >= value) ?? 10);
}

/** Lines over time, the newest at the right, with gaps where nothing is known. */
export function LineChart({ title, now, series, times, span, show, atLeast = 0, unit = 1 }: Props) {
  const [pointed, setPointed] = useState<number | null>(null);
  const known = series.flatMap((one) => one.values.filter((value) => value !== null));
  const top = nice(Math.max(atLeast, ...known) / unit) * unit;
  const end = times.at(-1) ?? 0;
  const x = (at: number) => WIDTH * (1 - (end - (times[at] ?? end)) / span);
  const y = (value: number) => HEIGHT - (HEIGHT - 4) * (value / top) - 2;
  const pathOf = (values: Series['values']) => {
    let path = '';
    let pen = 'M';
    values.forEach((value, at) => {
      // A long time without a sample, such as while the page was hidden, is a gap, too.
      const gap = at > 0 && (times[at] ?? 0) - (times[at - 1] ?? 0) > span / 10;
      if (value === null || x(at) < 0) {
        pen = 'M';
        return;
      }
      path += `${gap ? 'M' : pen}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = 'L';
    });
    return path;
  };
  const at = pointed;
  return (
    <figure class="chart card">
      <figcaption>
        <span class="chart-title">{title}</span>
        <strong class="chart-now">{now}</strong>
      </figcaption>
      <div
        class="chart-plot"
        role="img"
        aria-label={`${title}: ${now}`}
        onMouseMove={(event) => {
          const { left, width } = event.currentTarget.getBoundingClientRect();
          const wanted = end - span * (1 - (event.clientX - left) / width);
          let best: number | null = null;
          times.forEach((time, index) => {
            if (best === null || Math.abs(time - wanted) < Math.abs((times[best] ?? 0) - wanted)) best = index;
          });
          setPointed(best);
        }}
        onMouseLeave={() => setPointed(null)}
      >
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <path class="chart-grid" d={`M0 2H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 2}H${WIDTH}`} />
          {series.map((one) => (
            <path key={one.name} class={`chart-line chart-line-${one.style}`} d={pathOf(one.values)} />
          ))}
          {at !== null && <path class="chart-cross" d={`M${x(at)} 0V${HEIGHT}`} />}
        </svg>
        <span class="chart-top">{show(top)}</span>
      </div>
      <p class="chart-legend small">
        {series.map((one) => {
          const value = at === null ? null : one.values[at];
          return (
            <span key={one.name} class={`chart-key chart-key-${one.style}`}>
              {one.name}
              {value != null && `: ${show(value)}`}
            </span>
          );
        })}
        {at !== null && <span class="muted">{time(times[at] ?? 0, true)}</span>}
      </p>
    </figure>
  );
}
