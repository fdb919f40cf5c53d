import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inWords, sentence } from './sentence';

const GERMAN: Record<string, string> = { '%1 of %2 drawn': '%1 von %2 gezeichnet' };
const trans = {
  __: (text: string, ...values: unknown[]) =>
    (GERMAN[text] ?? text).replace(/%(\d)/g, (_, place: string) => String(values[+place - 1]))
};

test('a note of the kernel is shown in the language of the user', () => {
  const note = { t: 'note', text: '1 of 9 drawn', words: ['%1 of %2 drawn', '1', '9'] };
  assert.deepEqual(inWords(trans, note), { t: 'note', text: '1 von 9 gezeichnet' });
  assert.deepEqual(inWords(trans, { t: 'note', text: '', words: [''] }), { t: 'note', text: '' });
});

test('other messages, and the notes of an older kernel, stay as they are', () => {
  for (const message of [null, 'note', { t: 'batch', words: ['x'] }, { t: 'note', text: 'y' }]) {
    assert.equal(inWords(trans, message), message);
  }
});

test('what is no sentence says nothing, and a long one is cut', () => {
  for (const odd of [undefined, null, 3, {}, 'text', [], [null], [7, 'x']]) {
    assert.equal(sentence(trans, odd), '');
  }
  assert.equal(sentence(trans, ['x'.repeat(9_999)]).length, 600);
});
