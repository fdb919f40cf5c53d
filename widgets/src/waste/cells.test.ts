import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

import { drawCells, rowsOf, stretch } from './cells';
import { WasteView, type State } from './view';
import type { Message } from '../kit';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, { document: window.document });
const { body } = window.document;

const COST = { operations: 10, macs: 100, bytes: 50 };
const STATE: State = {
  given: [2, 4], lengths: [2, 4], words: [['so', 'good'], ['not', 'bad', 'at', 'all']], most: 64,
  names: { padded: 'Static', each: 'One by one', shrinking: 'Shrinking' },
  batch_size: 2, spread: 1, cell: 'LSTM',
  costs: { padded: { ...COST, macs: 160 }, each: { ...COST, operations: 20 }, shrinking: COST },
  seconds: null, says: ['Work: 25%']
};

test('a batch of another size repeats the lengths, and makes them more alike', () => {
  assert.deepEqual(stretch([2, 4, 6], 5, 1), [2, 4, 6, 2, 4]);
  assert.deepEqual(stretch([2, 4, 6], 3, 0), [6, 6, 6]);
  assert.deepEqual(stretch([2, 4, 6], 3, 0.5), [4, 5, 6]);
});

test('a shrinking batch has the longest sentence first, and the others keep their order', () => {
  assert.deepEqual(rowsOf('shrinking', [1, 3, 2]).map(row => row.sentence), [1, 2, 0]);
  assert.deepEqual(rowsOf('each', [1, 3, 2]).map(row => row.sentence), [0, 1, 2]);
});

test('only the padded batch has cells without words', () => {
  const paddings = (['padded', 'each', 'shrinking'] as const).map(way => {
    const target = window.document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    drawCells(target, way, [2, 4, 4], null);
    return target.querySelectorAll('.mc-padding').length;
  });
  assert.deepEqual(paddings, [1, 0, 0]);
});

test('costs, the least of them and the verdict are shown, and arrows tell the sentences', () => {
  const view = new WasteView(body, () => undefined);
  view.show(STATE);
  const least = [...body.querySelectorAll('.mc-least')].map(each => each.textContent);
  assert.deepEqual(least, ['10 \u2713', '50 \u2713', '100 \u2713', '50 \u2713', '100 \u2713',
    '10 \u2713', '50 \u2713']);
  assert.match(body.querySelector('.mc-verdict')?.textContent ?? '', /25%/);
  const cells = body.querySelector('.mc-cells');
  const down = new window.KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true });
  cells?.dispatchEvent(down);
  assert.match(body.querySelector('.mc-says')?.textContent ?? '',
    /so good.*2 words, 2 of padding/);
  view.dispose();
  assert.equal(body.querySelector('.mc-WasteMeter'), null);
});

test('while a slider moves the cells follow at once; Python is asked when it rests', async () => {
  const sent: Message[] = [];
  const view = new WasteView(body, message => sent.push(message));
  view.show(STATE);
  const spread = body.querySelectorAll<HTMLInputElement>('input[type=range]')[1];
  assert.ok(spread);
  for (const value of ['50', '0']) {
    spread.value = value;
    spread.dispatchEvent(new window.Event('input'));
    view.show(STATE);       // the answer to an earlier question does not move it back
  }
  assert.equal(spread.value, '0');
  assert.equal(body.querySelectorAll('.mc-padding').length, 0);
  await new Promise(resolve => setTimeout(resolve, 300));
  assert.deepEqual(sent, [{ t: 'set', batch_size: 2, spread: 0 }]);
  view.dispose();
});
