/** Components to try: the default plugins with other words, packed by the built worker, and their signatures. */
import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { test } from '@playwright/test';
import { required } from './worker';

const run = promisify(execFile);

/** A component of `slot` in whose words every `from` is `to`; answers its path. */
export async function packed(slot: 'tagger' | 'context-mapper', from: string, to: string): Promise<string> {
  const words = test.info().outputPath('words.toml');
  const component = test.info().outputPath(`${slot}.wasm`);
  await mkdir(dirname(words), { recursive: true });
  const worker = required('AI_WORKER');
  await run(worker, ['plugin', 'unpack', slot, '-o', words]);
  const text = await readFile(words, 'utf8');
  if (!text.includes(from)) throw new Error(`the words of the ${slot} do not have ${from}`);
  await writeFile(words, text.replaceAll(from, to));
  const option = slot === 'tagger' ? '--vocabulary' : '--phrases';
  await run(worker, ['plugin', 'pack', slot, option, words, '-o', component]);
  return component;
}

/** A key pair as minisign makes it. */
export interface Signer {
  /** For `PLUGIN_TRUST`. */
  publicKey: string;
  /** Writes `FILE.minisig` and answers its path. */
  sign(file: string): Promise<string>;
}

export function signer(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const id = randomBytes(8);
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  return {
    publicKey: Buffer.concat([Buffer.from('Ed'), id, raw]).toString('base64'),
    async sign(file) {
      const hash = createHash('blake2b512').update(await readFile(file)).digest();
      const signature = sign(null, hash, privateKey);
      const comment = 'timestamp:0';
      const global = sign(null, Buffer.concat([signature, Buffer.from(comment)]), privateKey);
      const path = `${file}.minisig`;
      await writeFile(
        path,
        [
          'untrusted comment: of a test',
          Buffer.concat([Buffer.from('ED'), id, signature]).toString('base64'),
          `trusted comment: ${comment}`,
          global.toString('base64'),
          '',
        ].join('\n'),
      );
      return path;
    },
  };
}
