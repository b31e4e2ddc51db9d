/**
 * Names as one part of an address after `#`. The router decodes an address once before it is taken apart and nothing
 * after that, so percent signs would be ambiguous: `~` stands in their place.
 */
export const toSegment = (name: string): string =>
  encodeURIComponent(name).replaceAll('~', '%7E').replaceAll('%', '~');

export function fromSegment(segment: string): string {
  try {
    return decodeURIComponent(segment.replaceAll('~', '%'));
  } catch {
    // Typed by hand: taken as it is.
    return segment;
  }
}
