import type { photo as english } from '../en/photo';
import type { Words } from '../words';

export const photo: Words<typeof english> = {
  title: 'Foto',
};
