import { useEffect, useRef, useState } from 'preact/hooks';
import { useWords } from '../i18n';
import { followNearness } from '../lib/near';
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
    return frame.current ? followNearness(frame.current, setNear) : undefined;
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
