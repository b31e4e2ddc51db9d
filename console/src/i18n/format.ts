/** Numbers and times as the language writes them. */
import { language } from './index';

const LOCALE = { en: 'en-GB', id: 'id-ID' } as const;
const locale = () => LOCALE[language.get()];

export const number = (value: number): string => value.toLocaleString(locale());

/** A measured number in three digits. */
export const fine = (value: number): string => value.toLocaleString(locale(), { maximumSignificantDigits: 3 });

/** A share of 0 to 1, or a cosine, in percent. */
export const percent = (value: number): string =>
  value.toLocaleString(locale(), { style: 'percent', maximumFractionDigits: 0 });

/** A time that the worker gave in seconds since 1970; to the second for what has just been. */
export const time = (seconds: number, precise = false): string =>
  new Date(seconds * 1000).toLocaleString(locale(), precise ? { timeStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'short' });

const UNITS = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** How long ago, in words. */
export function ago(seconds: number, now = Date.now() / 1000): string {
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  const passed = Math.max(0, now - seconds);
  for (const [unit, length] of UNITS) {
    if (passed >= length) return words.format(-Math.floor(passed / length), unit);
  }
  return words.format(0, 'second');
}
