import { useEffect, useState } from 'preact/hooks';
import { asProblem, type ApiProblem } from '../api/problem';
import { fetchPicture } from './pictures';

export interface ShownPicture {
  /** An object URL. */
  address: string | null;
  problem: ApiProblem | null;
  loading: boolean;
}

/** One large picture, fetched with the key; null asks for none. It is asked for again when `version` changes. */
export function usePhotoPicture(path: string | null, version = 0): ShownPicture {
  const [state, setState] = useState<ShownPicture>({ address: null, problem: null, loading: path !== null });
  useEffect(() => {
    setState({ address: null, problem: null, loading: path !== null });
    if (path === null) return undefined;
    const abort = new AbortController();
    let made: string | null = null;
    fetchPicture(path, abort.signal).then(
      (blob) => {
        if (abort.signal.aborted) return;
        made = URL.createObjectURL(blob);
        setState({ address: made, problem: null, loading: false });
      },
      (thrown: unknown) => {
        if (!abort.signal.aborted) setState({ address: null, problem: asProblem(thrown), loading: false });
      },
    );
    return () => {
      abort.abort();
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [path, version]);
  return state;
}

/** An object URL of a file of this machine, as long as the component is there. */
export function useLocalPicture(file: File | null): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (!file) {
      setAddress(null);
      return undefined;
    }
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return address;
}
