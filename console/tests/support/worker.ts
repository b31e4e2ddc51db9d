/**
 * Worker processes for tests. `AI_WORKER` is the built binary, `MODELS_DIR` its models, `SAMPLES_DIR` the photos of
 * `ai-worker demo`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createSocket, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} must be set, see tests/support/worker.ts`);
  return value;
}

const STARTS_WITHIN_MS = 120_000;

/** A worker that listens on a port of its own. */
export interface Worker {
  /** Without a slash at the end. */
  url: string;
  /** A call with a JSON answer; throws on anything but success. */
  call<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  log(): string;
  stop(): Promise<void>;
}

/** Serves the sample photos, so that the worker has URLs to fetch them from. */
export async function servePhotos(): Promise<{ url: string; stop(): void }> {
  const folder = required('SAMPLES_DIR');
  const server = createServer((request, response) => {
    const name = basename(decodeURIComponent(request.url ?? ''));
    readFile(join(folder, name)).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() };
}

async function freePort(): Promise<number> {
  const socket = createSocket();
  await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

/** Starts a worker on a data directory. */
export async function startWorker(data: string, settings: Record<string, string> = {}): Promise<Worker> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let log = '';
  let ended = false;
  const child: ChildProcess = spawn(required('AI_WORKER'), [], {
    // Elsewhere a .env file may lie about.
    cwd: data,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      MODELS_DIR: required('MODELS_DIR'),
      DATA_DIR: data,
      PORT: String(port),
      PHOTO_NETWORKS: '127.0.0.0/8',
      STORE_URLS: 'full',
      // Most tests need no model at all.
      PRELOAD: 'none',
      // However slow the machine is.
      REQUEST_TIMEOUT_MS: '120000',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => (log += part.toString()));
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void exit.then(() => (ended = true));
  const until = Date.now() + STARTS_WITHIN_MS;
  for (;;) {
    if (ended || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`the worker did not start:\n${log}`);
    }
    const lives = await fetch(`${url}/livez`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (lives) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const key = settings['ADMIN_KEY'] ?? settings['API_KEY'];
  return {
    url,
    log: () => log,
    async call<T>(method: string, path: string, body?: unknown): Promise<T> {
      const response = await fetch(url + path, {
        method,
        headers: { 'Content-Type': 'application/json', ...(key && { 'X-API-Key': key }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
    async stop() {
      child.kill('SIGTERM');
      await exit;
    },
  };
}

/** A copy of the data directory that the seed made, so that no test sees what another one did. */
export async function seededData(): Promise<{ data: string; remove(): Promise<void> }> {
  const data = await mkdtemp(join(tmpdir(), 'ai-worker-console-'));
  await cp(required('CONSOLE_SEED'), data, { recursive: true });
  return { data, remove: () => rm(data, { recursive: true, force: true }) };
}
