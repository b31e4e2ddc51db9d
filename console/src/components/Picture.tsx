import { useEffect, useRef, useState } from 'preact/hooks';
import { useWords } from '../i18n';
import { fetchPicture } from '../lib/pictures';
import './picture.css';

interface Props {
  /** The path of a picture of the worker, such as `/api/faces/…/thumbnail`. */
  path: string;
  /** What it shows; empty when the text beside it says so. */
  alt: string;
  class?: string;
  /** Told once the picture is there, in its own pixels. */
  onSize?: (width: number, height: number) => void;
}

/** How far outside of the window a picture is fetched already, and how far it is let go of again. */
const NEAR = '400px';

/**
 * A picture that is fetched with the key when it comes near the window, since an <img> cannot show a key, and let go of
 * when it is far again.
 */
export function Picture({ path, alt, class: extra, onSize }: Props) {
  const { shell } = useWords();
  const frame = useRef<HTMLSpanElement>(null);
  const [near, setNear] = useState(false);
  const [address, setAddress] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver((seen) => setNear(seen.at(-1)?.isIntersecting ?? false), {
      rootMargin: NEAR,
    });
    if (frame.current) observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (!near) return undefined;
    const abort = new AbortController();
    let made: string | null = null;
    setFailed(false);
    fetchPicture(path, abort.signal).then(
      (blob) => {
        if (abort.signal.aborted) return;
        made = URL.createObjectURL(blob);
        setAddress(made);
      },
      () => abort.signal.aborted || setFailed(true),
    );
    return () => {
      abort.abort();
      if (made !== null) URL.revokeObjectURL(made);
      setAddress(null);
    };
  }, [near, path]);
  return (
    <span ref={frame} class={extra ? `picture ${extra}` : 'picture'} data-state={failed ? 'failed' : address ? 'shown' : 'waiting'}>
      {address !== null && (
        <img
          src={address}
          alt={alt}
          draggable={false}
          onLoad={(event) => onSize?.(event.currentTarget.naturalWidth, event.currentTarget.naturalHeight)}
        />
      )}
      {failed && <span class="picture-missing">{shell.pictureMissing}</span>}
    </span>
  );
}
