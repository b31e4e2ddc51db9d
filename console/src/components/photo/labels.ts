/** Where the labels of boxes go, in pixels of the shown picture: never over a face, never over each other. */
export interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const overlap = (a: Area, b: Area) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

const GAP = 3;

/** Above a box if there is room, else below, beside, and inside its corner; none where even that is taken. */
function candidates(box: Area, width: number, height: number): [number, number][] {
  return [
    [box.left, box.top - height - GAP],
    [box.right - width, box.top - height - GAP],
    [box.left, box.bottom + GAP],
    [box.right - width, box.bottom + GAP],
    [box.right + GAP, box.top],
    [box.left - width - GAP, box.top],
    [box.right + GAP, box.bottom - height],
    [box.left - width - GAP, box.bottom - height],
  ];
}

/** The top left corner of each label, in the order of `boxes`; null where none is free of everything else. */
export function placeLabels(
  frame: { width: number; height: number },
  boxes: readonly Area[],
  sizes: readonly { width: number; height: number }[],
): ([number, number] | null)[] {
  const taken: Area[] = [];
  return boxes.map((box, index) => {
    const { width, height } = sizes[index] ?? { width: 0, height: 0 };
    const fits = ([left, top]: [number, number], within: readonly Area[]) => {
      const area = { left, top, right: left + width, bottom: top + height };
      const inside = left >= 0 && top >= 0 && area.right <= frame.width && area.bottom <= frame.height;
      return inside && !within.some((other) => overlap(area, other)) && !taken.some((other) => overlap(area, other));
    };
    const inside: [number, number] = [box.left + GAP, box.top + GAP];
    const roomy = box.right - box.left > 3 * width && box.bottom - box.top > 3 * height;
    const found =
      candidates(box, width, height).find((place) => fits(place, boxes)) ??
      (roomy && fits(inside, boxes.filter((other) => other !== box)) ? inside : null);
    if (found) taken.push({ left: found[0], top: found[1], right: found[0] + width, bottom: found[1] + height });
    return found;
  });
}
