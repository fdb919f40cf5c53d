import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

import { FitView } from './fit';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, { document: window.document });
window.HTMLCanvasElement.prototype.getContext = () => null;

const regions = {
  form: 'regions' as const, side: 2, bounds: [0, 4, 0, 2] as const, said: [0, 1, 1, 0],
  share: [0.5, 0.75, 1, 1], labels: ['cat', 'dog'], source: 'test',
  points: [[1, 0.5, 0, 0, 5], [3, 1.5, 0, 1, 6]] as const
};

test('regions can be read with the arrow keys, wrong points have a ring', () => {
  const view = new FitView();
  view.show(regions);
  assert.match(view.element.textContent ?? '', /Of 2 test points, 1 is wrong and has a ring/);
  assert.equal(view.element.querySelectorAll('.mc-ring').length, 1);
  const marks = [...view.element.querySelectorAll('.mc-marks .mc-mark')];
  assert.deepEqual(marks.map(mark => mark.getAttribute('transform')),
    ['translate(70.0 210.0)', 'translate(210.0 70.0)']);
  const canvas = view.element.querySelector('canvas');
  canvas?.dispatchEvent(new window.KeyboardEvent('keydown', { key: 'ArrowRight' }));
  assert.match(view.element.querySelector('.mc-reading')?.textContent ?? '',
    /^x 3, y 1\.5: class dog, 75 % sure$/);
  view.show({ ...regions, points: [] });
  assert.equal(view.element.querySelector('canvas'), canvas, 'the focus stays where it is');
});

test('marks differ in shape, not in colour alone', () => {
  const view = new FitView();
  view.show({ ...regions, labels: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] });
  const shapes = [...view.element.querySelectorAll('.mc-key path')]
    .map(path => path.getAttribute('d'));
  assert.equal(new Set(shapes).size, 8);
});

test('real targets are points, with a curve or the line of the truth', () => {
  const view = new FitView();
  view.show({ form: 'curve', points: [[0, 0], [1, 1]], curve: [[0, 0], [0.5, 2], [1, 1]],
    explained: 0.934, source: 'data' });
  assert.equal(view.element.querySelectorAll('.mc-dot').length, 2);
  assert.match(view.element.textContent ?? '', /explains 93\s% of how the targets differ/);
  view.show({ form: 'scatter', points: [[1, 3], [2, 2]], explained: null, source: 'data' });
  assert.equal(view.element.querySelector('.mc-line')?.getAttribute('d'), 'M56 276L428 28');
  view.explain('no picture');
  assert.equal(view.element.textContent, 'no picture');
});
