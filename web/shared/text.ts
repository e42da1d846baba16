// text.ts: every word a person sees comes from one catalogue per language (web/text/*.json).
// Vietnamese is bundled; the others are fetched as hashed assets, and Vietnamese stands in for a missing key.
import vi from '../text/vi.json';
import { amountText } from './quantity.ts';
import type { Unit } from './types.ts';

export type Key = keyof typeof vi;
export type Lang = 'vi' | 'en' | 'fr';
export const LANGS: readonly Lang[] = ['vi', 'en', 'fr'];

declare const TEXT_URLS: Record<string, string>; // put in by tools/build.mjs

let words: Record<string, string> = vi;
let lang: Lang = 'vi';

export function language(): Lang {
  return lang;
}

/** ?lang= wins and is remembered; then the cookie; then what the server wrote into <html lang>. */
export function chooseLanguage(search: string, cookie: string, html: string): Lang {
  const asked = new URLSearchParams(search).get('lang') ?? /(?:^|;\s*)lang=(\w\w)/.exec(cookie)?.[1] ?? html.slice(0, 2);
  return LANGS.includes(asked as Lang) ? (asked as Lang) : 'vi';
}

/** This page in another language: everything else in its address stays (which lot, which tab, where to go after logging in). */
export function inLanguage(l: Lang, at: { search: string; hash: string }): string {
  const asked = new URLSearchParams(at.search);
  asked.set('lang', l);
  return `?${asked}${at.hash}`;
}

/** Call once before the first drawing. Never fails: without the file the page is Vietnamese. */
export async function loadLanguage(): Promise<void> {
  lang = chooseLanguage(location.search, document.cookie, document.documentElement.lang);
  document.cookie = `lang=${lang}; Path=/; Max-Age=31536000; SameSite=Lax; Secure`;
  if (lang !== 'vi') {
    try {
      const answer = await fetch(TEXT_URLS[lang]!);
      if (answer.ok) words = { ...vi, ...((await answer.json()) as Record<string, string>) };
    } catch {
      lang = 'vi';
    }
  }
  document.documentElement.lang = lang;
}

/** The words for a key, with {name} replaced from values, and {name:one|many} by what fits that number. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return fill(words[key] ?? key, values);
}

export function fill(pattern: string, values: Record<string, string | number>): string {
  return pattern.replace(/\{(\w+)(?::([^|{}]*)\|([^|{}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    if (!(name in values)) return whole;
    if (one === undefined) return String(values[name]);
    const n = Number(values[name]);
    return n === 1 || (n === 0 && lang === 'fr') ? one : many!;
  });
}

/** Words for a stable error code; unknown codes get the general sentence. */
export function errorText(code: string): string {
  return words[`error.${code}`] ?? words['error.internal-error']!;
}

/** "1,5 kg", "3 bó", "1 bunch", "50 bunches". */
export function quantityText(unit: Unit, quantity: number): string {
  return `${amountText(unit, quantity)}\u00a0${t(quantity === 1 ? `unit.${unit}` : `units.${unit}`)}`;
}
