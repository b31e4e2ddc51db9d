/** Which elements are near the window; one observer for all of them. */

/** How far outside of the window counts as near. */
const MARGIN = '400px';

const listeners = new WeakMap<Element, (near: boolean) => void>();
let observer: IntersectionObserver | undefined;

/** Tells whenever the element comes near or is far again. Ends with what it returns. */
export function followNearness(element: Element, listener: (near: boolean) => void): () => void {
  observer ??= new IntersectionObserver(
    (seen) => {
      for (const entry of seen) listeners.get(entry.target)?.(entry.isIntersecting);
    },
    { rootMargin: MARGIN },
  );
  listeners.set(element, listener);
  observer.observe(element);
  return () => {
    observer?.unobserve(element);
    listeners.delete(element);
  };
}
