/** Once before all tests: a data directory with the sample photos in it, and a server for them that stays. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { servePhotos, startWorker } from './worker';

/**
 * What is stored: one man of three photos is three people, because they are stored under a threshold that only the same
 * photo meets; under the threshold of the tests they would be one. The first of them has three faces.
 */
const PHOTOS = {
  'album/obama-1.jpg': 'obama.jpg',
  'album/obama-2.jpg': 'obama.jpg',
  'album/obama-3.jpg': 'obama.jpg',
  'album/obama-in-washington.jpg': 'obama2.jpg',
  'album/obama-speaking.jpg': 'obama3.jpg',
  'album/biden.jpg': 'biden.jpg',
  'album/astronaut.png': 'astronaut.png',
  'album/friends.jpg': 't1.jpg',
  'album/coffee.png': 'coffee.png',
};

export default async function seed(): Promise<() => Promise<void>> {
  const photos = await servePhotos();
  const data = await mkdtemp(join(tmpdir(), 'ai-worker-console-seed-'));
  process.env['CONSOLE_SEED'] = data;
  process.env['CONSOLE_PHOTOS'] = photos.url;
  const worker = await startWorker(data, { SIMILARITY_THRESHOLD: '0.95' });
  try {
    for (const [file_id, photo] of Object.entries(PHOTOS)) {
      await worker.call('POST', '/api/process', { file_id, image_url: `${photos.url}/${photo}` });
    }
  } finally {
    await worker.stop();
  }
  return async () => {
    photos.stop();
    await rm(data, { recursive: true, force: true });
  };
}
