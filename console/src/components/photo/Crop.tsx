import './crop.css';

interface Props {
  /** An object URL of a photo on this machine; null where the browser cannot show it. */
  source: string | null;
  width: number;
  height: number;
  bounds: readonly number[];
  alt: string;
}

/** A square around a face, cut out of a local photo. */
export function Crop({ source, width, height, bounds, alt }: Props) {
  const [x1 = 0, y1 = 0, x2 = 1, y2 = 1] = bounds;
  const side = Math.min(1.3 * Math.max(x2 - x1, y2 - y1), width, height);
  const left = Math.max(0, Math.min(width - side, (x1 + x2 - side) / 2));
  const top = Math.max(0, Math.min(height - side, (y1 + y2 - side) / 2));
  return (
    <span class="crop">
      {source !== null && (
        <img
          src={source}
          alt={alt}
          style={{
            width: `${(100 * width) / side}%`,
            height: `${(100 * height) / side}%`,
            left: `${(-100 * left) / side}%`,
            top: `${(-100 * top) / side}%`,
          }}
        />
      )}
    </span>
  );
}
