import type { plugins as english } from '../en/plugins';
import type { Words } from '../words';

export const plugins: Words<typeof english> = {
  title: 'Plugin',
};
