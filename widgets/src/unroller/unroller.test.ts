import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

import type { Message, Numbers } from '../kit';
import { explain, write } from './arithmetic';
import { Run, type Kind, type Told } from './state';
import { bars, rolled, strength, unrolled } from './strip';
import { UnrollerView } from './view';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, {
  document: window.document, requestAnimationFrame: (run: () => void) => (run(), 0),
  cancelAnimationFrame: () => undefined
});
window.HTMLCanvasElement.prototype.getContext = () => null;

function pack(shape: number[], values: number[]): Numbers {
  return { shape, data: Float32Array.from(values) };
}

/** Two steps of one unit and one input. */
function told(cell: Kind, blocks: number, more: Record<string, Numbers> = {}): Told {
  const each = (from: number): number[] =>
    Array.from({ length: 2 * blocks }, (_, k) => from + k / 10);
  return {
    cell, link: cell.toUpperCase(), layer: 'l', layers: ['l'], units: 1, shown: 1, example: 0,
    examples: [2], cut: 0, cuts: [], labels: ['so', 'good'], activation: 'tanh', loss: 'x',
    verdict: '', norms: pack([2], [0.01, 1]),
    parts: {
      x: pack([2, 1], [3, -4]), Wx: pack([2, blocks], each(0.1)), Uh: pack([2, blocks], each(-0.2)),
      b: pack([blocks], Array.from({ length: blocks }, () => 0.5)),
      h: pack([2, 1], [0.25, -0.5]), ...more
    },
    gradients: { x: pack([2, 1], [0, 0]), h: pack([2, 1], [0.01, 1]) }
  };
}

test('a gate is the squashed sum of what input, state and bias add', () => {
  const run = new Run(told('lstm', 4, { c: pack([2, 1], [0.5, 0.75]) }));
  // The forget gate is the third block: 0.1 + 0.2, -0.2 + 0.2, 0.5.
  assert.deepEqual(explain(run, 'f', 0, 0), ['f[1] at step 1', '= \u03c3(W x + U h + b)',
    '= \u03c3(0.3 + 0 + 0.5)', '= \u03c3(0.8)', '= 0.69']);
  assert.equal(explain(run, 'a', 0, 0)[1], '= tanh(W x + U h + b)');
});

test('an LSTM\u2019s cell and output show the gates that they are made of', () => {
  const run = new Run(told('lstm', 4, { c: pack([2, 1], [0.5, 0.75]) }));
  const [, formula, numbers, value] = explain(run, 'c', 1, 0);
  assert.equal(formula, '= f \u00d7 c before + i \u00d7 a');
  assert.match(numbers ?? '', /^= 0\.\d+ \u00d7 0\.5 \+ 0\.\d+ \u00d7 0\.\d+$/);
  assert.equal(value, '= 0.75');
  assert.match(explain(run, 'c', 0, 0)[2] ?? '', /\u00d7 0 \+/);
  assert.match(explain(run, 'h', 0, 0)[2] ?? '', /\u00d7 tanh\(0\.5\)$/);
});

test('a GRU lets its reset gate choose what the candidate sees', () => {
  const run = new Run(told('gru', 3));
  const r = 1 / (1 + Math.exp(-(0.1 - 0.2 + 0.5)));
  assert.ok(Math.abs(run.gate('n', 0, 0) - Math.tanh(0.3 + 0.5 + r * 0)) < 1e-6);
  assert.equal(explain(run, 'n', 0, 0)[1], '= tanh(W x + b + r \u00d7 U h)');
  assert.match(explain(run, 'h', 1, 0)[2] ?? '', /\u00d7 0\.25$/);
});

test('a plain network names its activation; a gradient its share of the longest', () => {
  const run = new Run(told('rnn', 1));
  assert.deepEqual(explain(run, 'h', 0, 0), ['h[1] at step 1', '= tanh(W x + U h + b)',
    '= tanh(0.1 \u2212 0.2 + 0.5)', '= 0.25']);
  assert.deepEqual(explain(run, 'gh', 0, 0),
    ['\u2202L/\u2202h[1] at step 1 = 0.01',
      'The whole column has length 0.01, 1 % of the longest.']);
  assert.equal(explain(run, 'x', 1, 0)[0], 'x[1] at step 2 = \u22124, the input');
  assert.deepEqual(run.keys, ['x', 'h', 'gh', 'gx']);
});

test('rows hold one line a unit; gates have colours from 0 to 1', () => {
  const run = new Run(told('gru', 3));
  const { values, limits, map } = run.row('h', [0, 1]);
  assert.deepEqual([[...values], limits, map], [[0.25, -0.5], [-1, 1], 'sign']);
  assert.deepEqual(run.row('z', [1]).limits, [0, 1]);
  assert.deepEqual([...run.row('h', [1]).values], [-0.5]);
});

test('a gradient a thousand times shorter is half as strong; none is nothing', () => {
  assert.equal(strength(1, 1), 1);
  assert.ok(Math.abs(strength(1e-3, 1) - 0.5) < 1e-12);
  assert.equal(strength(0, 1), 0);
  assert.equal(strength(1e-9, 1), 0);
});

test('a cut stands between the steps, and no gradient passes it', () => {
  const drawn = unrolled({ labels: ['a', 'b', 'c'], norms: [1, 1, 1], cuts: [2], cell: 40,
    name: 'LSTM' });
  assert.equal(drawn.querySelectorAll('.mc-step').length, 3);
  assert.equal(drawn.querySelector('.mc-cut line')?.getAttribute('x1'), '80');
  const backs = [...drawn.querySelectorAll<SVGElement>('.mc-back')];
  assert.deepEqual(backs.map(back => back.style.opacity), ['1', '0']);
});

test('of many narrow steps one arrow goes forward; what goes back still fades, and is cut', () => {
  const labels = Array.from({ length: 40 }, () => 'a');
  const norms = labels.map((_, step) => step < 20 ? 0 : 1);
  const drawn = unrolled({ labels, norms, cuts: [30], cell: 7, name: 'LSTM' });
  assert.equal(drawn.querySelectorAll('.mc-step').length, 40);
  assert.equal(drawn.querySelectorAll('.mc-go').length, 1);
  const backs = [...drawn.querySelectorAll<SVGElement>('.mc-back')].map(back => back.style.opacity);
  assert.deepEqual([backs.length, backs[0], backs[29], backs[38]], [39, '0', '0', '1']);
});

test('of step numbers that do not all fit some are left, with even distances', () => {
  const numbers = Array.from({ length: 30 }, (_, step) => String(step + 1));
  const words = (labels: readonly string[], cell: number): string =>
    [...unrolled({ labels, norms: [], cuts: [], cell, name: 'GRU' }).querySelectorAll('text')]
      .map(each => each.textContent).filter(text => text !== '').join(' ');
  assert.equal(words(numbers, 15), '2 4 6 8 10 12 14 16 18 20 22 24 26 28 30');
  assert.equal(words(numbers, 9), '5 10 15 20 25 30');
  assert.equal(words(['1', 'good', 'film'], 20), '1 g\u2026 f\u2026');
});

test('rolled up there is one box and the number of turns; bars tell every length', () => {
  assert.match(rolled('GRU', 7, 'step 1').textContent ?? '', /\u21bb \u00d7 7/);
  const drawn = bars([0.5, 0], [0, 1], 40);
  assert.match(drawn.getAttribute('aria-label') ?? '', /step 1 0\.5, step 2 0/);
  assert.equal(drawn.querySelectorAll('rect')[1]?.getAttribute('height'), '0');
});

test('negative numbers have a true minus sign', () => {
  assert.equal(write(-0.12345), '\u22120.123');
});

test('of sliders that move on, Python hears all; an older answer moves none back', async () => {
  const sent: Message[] = [];
  const view = new UnrollerView(window.document.body, message => sent.push(message));
  const state = { ...told('rnn', 1), examples: [2, 2] };
  view.show(state);
  const [example, cut] = window.document.querySelectorAll<HTMLInputElement>('input[type=range]');
  assert.ok(example && cut);
  for (const [slider, value] of [[cut, '1'], [example, '2']] as const) {
    slider.value = value;
    slider.dispatchEvent(new window.Event('input'));
    view.show(state);
  }
  assert.deepEqual([example.value, cut.value], ['2', '1']);
  await new Promise(resolve => setTimeout(resolve, 200));
  assert.deepEqual(sent, [{ t: 'set', cut: 1, example: 1 }]);
  view.show(state);
  assert.deepEqual([example.value, cut.value], ['1', '0']);
  view.dispose();
});
