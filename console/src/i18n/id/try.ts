import type { tryPhoto as english } from '../en/try';
import type { Words } from '../words';

export const tryPhoto: Words<typeof english> = {
  title: 'Coba foto',
};
