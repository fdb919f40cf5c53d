/** A sentence that a kernel says, in the user's language. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { fieldsOf } from './fields';

type Words = Pick<TranslationBundle, '__'>;

const LONGEST = 600;
const MOST_GAPS = 10;

/** The kernel tells the text with its gaps first, then what fills them; '' for anything else. */
export function sentence(trans: Words, told: unknown): string {
  const [words, ...values] = (Array.isArray(told) ? told.slice(0, MOST_GAPS) : []).map(each =>
    typeof each === 'string' ? each.slice(0, LONGEST) : ''
  );
  return words ? trans.__(words, ...values) : '';
}

/** A note of the kernel in the user's language; any other message as it is. */
export function inWords(trans: Words, message: unknown): unknown {
  const { t, words } = fieldsOf(message);
  return t === 'note' && words !== undefined ? { t, text: sentence(trans, words) } : message;
}
