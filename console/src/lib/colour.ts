/** A person's colour, for that person's box, ring or dot only; the annotated pictures use the same. */

/** The number that a person's colour is made of. */
export function personNumber(clusterId: string): number {
  return parseInt(clusterId.slice(0, 6), 16);
}

/** Linear sRGB of an OKLCH colour. */
function linear(lightness: number, chroma: number, hue: number): [number, number, number] {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** Hues by the golden angle, lightness drifting between 0.64 and 0.84, as much chroma up to 0.17 as sRGB has. */
export function personColour(n: number): string {
  const hue = (((140 + n * 137.50776405003785) % 360) * Math.PI) / 180;
  const lightness = 0.64 + 0.2 * ((n * 0.0615) % 1);
  const shown = (chroma: number) => linear(lightness, chroma, hue).every((v) => v >= -1e-9 && v <= 1 + 1e-9);
  let chroma = 0.17;
  if (!shown(chroma)) {
    let low = 0;
    let high = chroma;
    for (let step = 0; step < 12; step += 1) {
      const middle = (low + high) / 2;
      if (shown(middle)) low = middle;
      else high = middle;
    }
    chroma = low;
  }
  const byte = (v: number) =>
    Math.round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * Math.max(0, v) ** (1 / 2.4) - 0.055));
  const hex = (v: number) => Math.min(255, Math.max(0, byte(v))).toString(16).padStart(2, '0');
  return `#${linear(lightness, chroma, hue).map(hex).join('')}`;
}
