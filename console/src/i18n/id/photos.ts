import type { photos as english } from '../en/photos';
import type { Words } from '../words';

export const photos: Words<typeof english> = {
  title: 'Foto',
};
