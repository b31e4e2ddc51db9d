import { createStore } from './store';

/** `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark';

const NAME = 'ai-worker-theme';

function stored(): Theme {
  const value = localStorage.getItem(NAME);
  return value === 'light' || value === 'dark' ? value : 'auto';
}

function show(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

export const theme = createStore<Theme>(stored());
show(theme.get());

export function setTheme(next: Theme): void {
  localStorage.setItem(NAME, next);
  show(next);
  theme.set(next);
}
