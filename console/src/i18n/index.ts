/** The words of the console. Every language has the keys of `en`; a missing one does not compile. */
import { createStore, useStore } from '../lib/store';
import { en } from './en';
import { id } from './id';
import type { Words } from './words';

export type Language = 'en' | 'id';

export type Messages = Words<typeof en>;

const all: Record<Language, Messages> = { en, id };
const NAME = 'ai-worker-language';

function preferred(): Language {
  const stored = localStorage.getItem(NAME);
  if (stored === 'en' || stored === 'id') return stored;
  return navigator.languages.some((tag) => /^(id|in|ms)\b/i.test(tag)) ? 'id' : 'en';
}

export const language = createStore<Language>(preferred());
document.documentElement.lang = language.get();

export function setLanguage(next: Language): void {
  localStorage.setItem(NAME, next);
  document.documentElement.lang = next;
  language.set(next);
}

/** The words in the language of the moment, outside of components. */
export const words = (): Messages => all[language.get()];

/** The words in the language of the moment; the component is rendered anew when that changes. */
export function useWords(): Messages {
  return all[useStore(language)];
}
