import type { person as english } from '../en/person';
import type { Words } from '../words';

export const person: Words<typeof english> = {
  title: 'Orang',
};
