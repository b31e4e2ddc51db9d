/** Indonesian. Each file has the keys of its English one, which the compiler checks. */
import { health } from './id/health';
import { pairs } from './id/pairs';
import { people } from './id/people';
import { person } from './id/person';
import { photo } from './id/photo';
import { photos } from './id/photos';
import { plugins } from './id/plugins';
import { shell } from './id/shell';
import { tryPhoto } from './id/try';
import type { en } from './en';
import type { Words } from './words';

export const id: Words<typeof en> = { shell, people, person, pairs, photos, photo, tryPhoto, plugins, health };
