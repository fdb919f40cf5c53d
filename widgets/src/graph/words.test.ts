import assert from 'node:assert/strict';
import { test } from 'node:test';

import { amount, bytes, duration, fitText, say, short, textWidth, tiny } from './words';

test('numbers are short and keep what matters', () => {
  assert.deepEqual([0.0312, 4.5e-7, 1230, -2.1, 0].map(short), [
    '0.0312',
    '4.5e-7',
    '1230',
    '-2.1',
    '0'
  ]);
  assert.equal(short(null), '\u2013');
  assert.deepEqual([0.2345, 12.34, 0.000123, 12345].map(tiny), ['0.23', '12', '1e-4', '1e4']);
});

test('sizes have units', () => {
  assert.deepEqual([0, 1023, 2048, 5e9].map(bytes), ['0 B', '1023 B', '2.0 KiB', '4.7 GiB']);
  assert.deepEqual([12, 5_419_008].map(amount), ['12', '5.4 million']);
  assert.deepEqual([0, 2e-5, 0.25, 3].map(duration), ['\u2013', '20 \u00b5s', '250 ms', '3 s']);
});

test('values fill the translated sentence as they are', () => {
  const translate = (text: string): string => text.replace('of', 'von');
  assert.equal(say(translate, '{0} of {1}', '{1}', 2), '{1} von 2');
});

test('a text is cut to the room that it has', () => {
  const name = 'softmax_cross_entropy';
  const cut = fitText(name, 100, 12);
  assert.match(cut, /^softmax.*\u2026$/);
  assert.ok(textWidth(cut, 12) <= 100);
  assert.equal(fitText('exp', 100, 12), 'exp');
});
