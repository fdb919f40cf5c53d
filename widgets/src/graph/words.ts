/** Numbers and sentences as people read them. */
import { number } from '../kit/number';

export type Translate = (text: string) => string;

/** Fill {0}, {1} ... of a translated sentence. */
export function say(translate: Translate, sentence: string, ...values: unknown[]): string {
  return translate(sentence).replace(/\{(\d)\}/g, (_, index: string) =>
    String(values[Number(index)])
  );
}

/**
 * What to call a link: its path, or its kind where it is the whole. A number alone says little, so
 * its kind stands beside it: "0 Linear". minichain/words.py says it the same.
 */
export function linkName(path: string, link: string): string {
  return /(?:^|\/)\d+$/.test(path) ? `${path} ${link}` : path || link;
}

/** What an operation keeps for backward: the names that it gives it, or plain words for them. */
export function keptWords(tr: Translate, names: readonly string[]): string {
  const plain = (name: string): string => {
    if (name === 'y') return tr('its result');
    return name === 'x' || name === 'others' ? tr('its inputs') : name;
  };
  return names.map(plain).join(', ');
}

/** Cut a text that is longer than `most` characters. */
export function clip(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, Math.max(1, most - 1))}\u2026` : text;
}

const NARROW = /[iIjl.,:;'|!()[\]ftr ]/;
const WIDE = /[mwMW@\u2207\u00d7+=<>\u2026\u25b8\u21bb]/;

/** About how wide a text is drawn, on the generous side; no browser is asked. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const letter of text) {
    if (NARROW.test(letter)) width += 0.39;
    else if (WIDE.test(letter)) width += 0.85;
    else width += letter >= 'A' && letter <= 'Z' ? 0.7 : 0.62;
  }
  return width * size;
}

/** Cut a text to a width. */
export function fitText(text: string, room: number, size: number): string {
  if (textWidth(text, size) <= room) return text;
  let most = text.length - 1;
  while (most > 1 && textWidth(clip(text, most), size) > room) most -= 1;
  return most < 1 ? '' : clip(text, most);
}

/** Two digits that matter, for the narrow room inside boxes. */
export function tiny(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e4 || size < 1e-2)) return value.toExponential(0).replace('e+', 'e');
  return String(Number(value.toPrecision(2)));
}

/** A number as the kit writes it, and a dash for one that is missing. */
export function short(value: number | null): string {
  return value === null ? '\u2013' : number(value);
}

function scaled(value: number, step: number, units: readonly string[]): string {
  let unit = 0;
  let rest = value;
  while (rest >= step && unit < units.length - 1) {
    rest /= step;
    unit += 1;
  }
  const digits = unit === 0 || rest >= 100 ? 0 : 1;
  return `${rest.toFixed(digits)} ${units[unit]}`.trimEnd();
}

export function bytes(value: number): string {
  return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
}

export function amount(value: number): string {
  return scaled(value, 1000, ['', 'thousand', 'million', 'billion', 'trillion']);
}

export function duration(seconds: number): string {
  if (seconds <= 0) return '\u2013';
  if (seconds < 1e-3) return `${short(seconds * 1e6)} \u00b5s`;
  if (seconds < 1) return `${short(seconds * 1e3)} ms`;
  return `${short(seconds)} s`;
}
