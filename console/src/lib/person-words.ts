import type { Person } from '../api/people-types';
import { number } from '../i18n/format';
import type { Messages } from '../i18n';

/** The first digits of an id: enough to tell people on a page apart. */
export const shortId = (id: string) => id.slice(0, 8);

export const faceCount = (words: Messages, n: number) => words.people.faces(n, number(n));

export const personName = (words: Messages, person: Pick<Person, 'cluster_id' | 'faces'>) =>
  words.people.person(shortId(person.cluster_id), faceCount(words, person.faces));
