/** Fetches pictures with the key, a few at a time, and waits as long as a busy worker says. */
import { picture } from '../api/client';
import { asProblem } from '../api/problem';

const AT_ONCE = 6;
const TRIES = 3;

let running = 0;
const waiting: (() => void)[] = [];

/** A place among those that fetch, or none when `signal` fired first. */
function place(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const enter = () => {
      running += 1;
      resolve();
    };
    if (running < AT_ONCE) return enter();
    waiting.push(enter);
    signal.addEventListener('abort', () => {
      const at = waiting.indexOf(enter);
      if (at >= 0) waiting.splice(at, 1);
      reject(signal.reason as Error);
    });
    return undefined;
  });
}

function leave(): void {
  running -= 1;
  waiting.shift()?.();
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
  for (let attempt = 1; ; attempt += 1) {
    await place(signal);
    let wait: number;
    try {
      return await picture(address, signal);
    } catch (thrown) {
      const { retryAfter } = asProblem(thrown);
      if (signal.aborted || retryAfter === null || attempt === TRIES) throw thrown;
      wait = retryAfter;
    } finally {
      leave();
    }
    await pause(wait, signal);
  }
}
