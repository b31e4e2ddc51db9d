import type { pairs as english } from '../en/pairs';
import type { Words } from '../words';

export const pairs: Words<typeof english> = {
  title: 'Orang yang sama?',
};
