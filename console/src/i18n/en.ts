/** English. Each view has its words in a file of its own. */
import { health } from './en/health';
import { pairs } from './en/pairs';
import { people } from './en/people';
import { person } from './en/person';
import { photo } from './en/photo';
import { photos } from './en/photos';
import { plugins } from './en/plugins';
import { shell } from './en/shell';
import { tryPhoto } from './en/try';

export const en = { shell, people, person, pairs, photos, photo, tryPhoto, plugins, health };
