/** Fetches pictures with the key, a few at a time, and waits as long as a busy worker says. */
import { picture } from '../api/client';
import { asProblem } from '../api/problem';

const TRIES = 3;

interface Gate {
  atOnce: number;
  running: number;
  waiting: (() => void)[];
}

/** Stored pictures of faces. */
const faces: Gate = { atOnce: 6, running: 0, waiting: [] };
/** Photos, each of which the worker fetches and decodes anew, in the places that photos to describe want, too. */
const photos: Gate = { atOnce: 2, running: 0, waiting: [] };

/** A place among those that fetch, or none when `signal` fired first. */
function place(gate: Gate, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const enter = () => {
      gate.running += 1;
      resolve();
    };
    if (gate.running < gate.atOnce) return enter();
    gate.waiting.push(enter);
    signal.addEventListener('abort', () => {
      const at = gate.waiting.indexOf(enter);
      if (at >= 0) gate.waiting.splice(at, 1);
      reject(signal.reason as Error);
    });
    return undefined;
  });
}

function leave(gate: Gate): void {
  gate.running -= 1;
  gate.waiting.shift()?.();
}

const pause = (seconds: number, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });

/** The picture at an address of the worker. */
export async function fetchPicture(address: string, signal: AbortSignal): Promise<Blob> {
  const gate = address.startsWith('/api/pictures/') ? photos : faces;
  for (let attempt = 1; ; attempt += 1) {
    await place(gate, signal);
    let wait: number;
    try {
      return await picture(address, signal);
    } catch (thrown) {
      const { retryAfter } = asProblem(thrown);
      if (signal.aborted || retryAfter === null || attempt === TRIES) throw thrown;
      wait = retryAfter;
    } finally {
      leave(gate);
    }
    await pause(wait, signal);
  }
}
