import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

import type { Message, Numbers } from '../kit';
import {
  convolve, mapOf, mapsOf, outputSize, seenBy, windowAt, type Maps, type Windows
} from './convolve';
import { Easel } from './easel';
import { FilterView } from './filterview';
import { misfit } from './stage';
import { sentence } from './sums';
import type { State } from './told';
import { Frame } from '../kit';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, { document: window.document });
window.HTMLCanvasElement.prototype.getContext = () => null;
const { body } = window.document;

/** 0 1 2 3 4 / 5 6 ... : five rows, five columns. */
const X: Maps = {
  channels: 1, height: 5, width: 5, data: Float32Array.from({ length: 25 }, (_, k) => k)
};
const PLAIN: Windows = { kernel: [2, 2], stride: [1, 1], pad: [0, 0], dilate: [1, 1] };
const SUM = Float32Array.of(1, 1, 1, 1);

function pack(shape: number[], values: ArrayLike<number>): Numbers {
  return { shape, data: Float32Array.from(values) };
}

test('a convolution adds up the products of each window', () => {
  const y = convolve(X, SUM, 0, PLAIN);
  assert.deepEqual([y.height, y.width], [4, 4]);
  assert.equal(y.data[0], 0 + 1 + 5 + 6);
  assert.equal(y.data[15], 18 + 19 + 23 + 24);
  assert.equal(convolve(X, SUM, 0.5, PLAIN).data[0], 12.5);
});

test('stride skips windows, dilation spreads them, padding adds zeros', () => {
  const strided = convolve(X, SUM, 0, { ...PLAIN, stride: [2, 2] });
  assert.deepEqual([...strided.data], [12, 20, 52, 60]);
  const dilated = convolve(X, SUM, 0, { ...PLAIN, dilate: [3, 3] });
  assert.equal(dilated.data[0], 0 + 3 + 15 + 18);
  const padded = convolve(X, SUM, 0, { ...PLAIN, pad: [1, 1] });
  assert.deepEqual([padded.height, padded.width, padded.data[0]], [6, 6, 0]);
  assert.equal(padded.data[1], 0 + 1);
});

test('channels are added up', () => {
  const data = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const x: Maps = { channels: 2, height: 2, width: 2, data };
  const weights = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 1);
  assert.equal(convolve(x, weights, 0, PLAIN).data[0], 1 + 8);
});

test('a window\u2019s products add up to the output, wherever it lies', () => {
  const windows: Windows = { kernel: [2, 2], stride: [2, 2], pad: [1, 1], dilate: [2, 2] };
  const weights = Float32Array.of(1, -2, 3, 0.5);
  const y = convolve(X, weights, 0, windows);
  for (let i = 0; i < y.height; i++) {
    for (let j = 0; j < y.width; j++) {
      const taps = windowAt(X, weights, windows, 0, [i, j]);
      const sum = taps.reduce((so, tap) => so + tap.value * tap.weight, 0);
      assert.equal(sum, y.data[i * y.width + j]);
    }
  }
  assert.deepEqual(windowAt(X, weights, windows, 0, [0, 0]).map(tap => [tap.row, tap.column]),
    [[0, 0], [0, 2], [2, 0], [2, 2]]);
});

test('a pixel is seen by the windows in which it is a tap', () => {
  const windows: Windows = { kernel: [2, 3], stride: [2, 1], pad: [1, 0], dilate: [1, 2] };
  const [height, width] = outputSize(X, windows);
  for (let row = 0; row < 7; row++) {
    for (let column = 0; column < 5; column++) {
      const seen = seenBy(X, windows, row, column).map(String);
      for (let i = 0; i < height; i++) {
        for (let j = 0; j < width; j++) {
          const taps = windowAt(X, new Float32Array(6), windows, 0, [i, j]);
          const isTap = taps.some(tap => tap.row === row && tap.column === column);
          assert.equal(seen.includes(String([i, j])), isTap);
        }
      }
    }
  }
});

test('a filter that does not fit is refused with its numbers', () => {
  assert.equal(misfit(X, PLAIN), '');
  assert.match(misfit(X, { ...PLAIN, kernel: [4, 4], dilate: [2, 2] }), /covers 7 pixels.*have 5/);
});

test('the sum is told with its channels and its bias', () => {
  const taps = [{ row: 0, column: 0, value: 2, weight: -3 }];
  const sum = { taps, columns: 1, limits: [[0, 1], [-1, 1]] as const, total: -6, channels: 1,
    channel: 0, bias: 0, place: 'row 1, column 1' };
  assert.equal(sentence(sum), 'row 1, column 1: the products add up to \u22126.');
  assert.equal(sentence({ ...sum, channels: 4, channel: 1, total: 1, bias: -0.5 }),
    'row 1, column 1: the products add up to \u22126 in channel 2, to 1 in all 4; '
    + '\u2212 0.5 (bias) = 0.5.');
});

test('one picture of several is taken, and the brush draws with ink', () => {
  const maps = mapsOf({ shape: [2, 1, 1, 2], data: Float32Array.of(1, 2, 3, 4) }, 1);
  assert.deepEqual([...mapOf(maps, 0)], [3, 4]);
  const told: (number | null)[] = [];
  const picture = pack([1, 1, 2, 2], [0, 0.5, 0, 0]);
  const easel = new Easel(picture, 0, pack([1, 2, 2], [0, 0.5, 0, 0]), index => told.push(index));
  easel.paint(1, 1);
  easel.paint(5, 5);
  assert.deepEqual([...easel.image.data], [0, 0.5, 0, 0.5]);
  easel.element.querySelectorAll('button')[0]?.click();
  assert.deepEqual([...easel.image.data], [0, 0.5, 0, 0]);
  assert.deepEqual(told, [null, null, 0]);
});

test('a setting that does not fit is explained and not sent; one that does is', async () => {
  const sent: Message[] = [];
  const frame = new Frame(body, { name: 'ConvExplorer', title: '', hint: '' });
  const image = pack([1, 4, 4], Array.from({ length: 16 }, (_, k) => k / 16));
  const state: State = {
    pictures: { ...image, shape: [1, 1, 4, 4] },
    limits: { stride: [1, 4], pad: [0, 4], dilate: [1, 3] },
    filters: [{ name: 'sum', sizes: { 3: pack([1, 3, 3], Array(9).fill(1)) } }],
    now: { index: 0, image, stride: 1, pad: 0, dilate: 1, filter: 'sum', size: 3 }
  };
  const view = new FilterView(frame, state, message => sent.push(message));
  const slide = (name: string, value: string): void => {
    const label = [...body.querySelectorAll('label')].find(each =>
      each.textContent?.startsWith(name));
    const input = label?.querySelector('input');
    assert.ok(input);
    input.value = value;
    input.dispatchEvent(new window.Event('input'));
  };
  const alarm = body.querySelector('[role=alert]');
  slide('Dilation', '2');
  assert.match(alarm?.textContent ?? '', /covers 5 pixels, but picture and padding have 4/);
  await new Promise(resolve => setTimeout(resolve, 350));
  assert.deepEqual(sent, []);
  slide('Padding', '1');
  assert.equal(alarm?.hasAttribute('hidden'), true);
  await new Promise(resolve => setTimeout(resolve, 350));
  assert.deepEqual(sent, [{ t: 'set', dilate: 2, pad: 1 }]);
  view.dispose();
  frame.dispose();
});
