import type { health as english } from '../en/health';
import type { Words } from '../words';

export const health: Words<typeof english> = {
  title: 'Kondisi',
};
