/** For tests of translations: a language without letters, and the words that are left in it. */

const ATTRIBUTES = ['title', 'aria-label', 'aria-description', 'placeholder', 'alt'];
const WORD = /\p{L}{2,}/gu;

/** The translation of a text: what still has letters on the page has not come this way. */
export function wordless(text: string): string {
  return text.replace(/\p{L}/gu, '\u00b7');
}

/** The words that an element shows, or tells a screen reader. Those that begin with zz are data. */
export function wordsIn(host: HTMLElement): string[] {
  const found: string[] = [];
  for (const element of host.querySelectorAll('*')) {
    if (element.matches('.mc-code')) continue;
    const own = [...element.childNodes].filter(node => node.nodeType === 3);
    const told = ATTRIBUTES.map(name => element.getAttribute(name));
    for (const text of [...own.map(node => node.textContent), ...told]) {
      found.push(...(text?.match(WORD) ?? []));
    }
  }
  return [...new Set(found)].filter(word => !/^zz/i.test(word));
}
