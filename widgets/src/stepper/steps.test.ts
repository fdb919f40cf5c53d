import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

import type { GraphNode } from '../graph/protocol';
import { card, rowsOf, value } from './card';
import { Quiz } from './quiz';
import { placeAt, stepOf, type Part, type Shown, type Step, type Walk } from './steps';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, { document: window.document });

const one = (number: number): Shown => ({
  shape: [], values: number, norm: Math.abs(number), text: number.toFixed(1)
});

function step(phase: Step['phase'], node: number, more: Partial<Step> = {}): Step {
  return {
    phase, node, title: `op ${node}`, name: `op ${node}`, label: 'op', formula: 'y = a',
    options: '', code: '', words: '2.0 × 3.0', names: 'a × b', inputs: [], outputs: [one(6)],
    arriving: [], parts: [], light: null, text: '', ...more
  };
}

const light = (id: number, gradient: number): Partial<Step> => ({
  light: { id, norm: Math.abs(gradient), nan: 0 }, arriving: [one(gradient)]
});

// x is leaf 1, operations 2 and 3.
const steps: readonly Step[] = [
  step('forward', 2), step('forward', 3), step('seed', 3, light(3, 1)),
  step('backward', 3, light(3, 1)), step('backward', 2, light(2, -2.5)),
  step('leaf', 1, { ...light(1, 4), outputs: [one(3)] })
];
const walk: Walk = { graph: null, steps, turn: 2 };
const nodes = [1, 2, 3].map(id => ({ id, values: 'old' }) as GraphNode);

test('before the first step only the values of leaves are known', () => {
  const place = placeAt(steps, nodes, 0);
  assert.equal(place.present, null);
  assert.deepEqual([...place.waiting], [2, 3]);
  assert.deepEqual(place.nodes.map(node => node.values), ['3.0', null, null]);
  assert.deepEqual(place.backward, []);
});

test('gradients appear one by one, with their signs', () => {
  const place = placeAt(steps, nodes, 5);
  assert.equal(place.present, 2);
  assert.equal(place.waiting.size, 0);
  assert.deepEqual(place.backward.map(each => [each.id, each.text]),
    [[3, '1'], [3, '1'], [2, '\u22122.5']]);
});

test('a click goes to the step of the node in the pass that is shown', () => {
  assert.equal(stepOf(walk, 3, 0), 2);
  assert.equal(stepOf(walk, 2, 4), 5);
  assert.equal(stepOf(walk, 1, 0), 6);
  assert.equal(stepOf(walk, 9, 0), null);
});

const part: Part = {
  name: 'a', of: 'x', node: 1, local: { kind: 'each', ...one(3) }, part: one(-6), stretched: true,
  before: [one(8)], total: one(2), path: 2, paths: 2
};

test('the card of a backward step has the product, the broadcast and the sum', () => {
  const words = card(step('backward', 2, {
    arriving: [one(-2)], parts: [part], code: 'def backward(self, gy):'
  })).textContent ?? '';
  assert.match(words, /\u22122\.0 · 3\.0 = \u22126\.0/);
  assert.match(words, /summed over the axes/);
  assert.match(words, /path 2 of 2 to x: all have met/);
  assert.match(words, /8\.0 \+ \u22126\.0 = 2\.0/);
  assert.match(words, /def backward/);
});

test('a value that the graph did not keep is named so', () => {
  const unknown: Shown = { shape: null, values: null, norm: null, text: '' };
  const words = card(step('forward', 2, { outputs: [unknown] })).textContent ?? '';
  assert.match(words, /not kept by the graph/);
  assert.match(words, /BackpropStepper\(f, x\)/);
});

test('an array becomes a table with a cell for each number, whatever its axes', () => {
  assert.deepEqual(rowsOf([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]), [[1, 2], [3, 4], [5, 6], [7, 8]]);
  const table = value({ shape: [2], values: [-0.5, 'NaN'], norm: 'NaN', text: '[-0.5, nan]' });
  const cells = [...(table as HTMLElement).querySelectorAll<HTMLElement>('.mc-arraycell')];
  assert.deepEqual(cells.map(each => each.textContent), ['\u22120.5', 'NaN']);
  assert.equal(cells[1]?.style.background, 'rgb(176, 0, 32)');
});

test('texts of a user stay texts', () => {
  const node = card(step('forward', 2, { title: '<img src=x>', formula: '<b>y</b>' }));
  assert.equal(node.querySelector('img, .mc-formula b'), null);
});

test('the quiz passes an answer on, empties its field for the next one, and hides', () => {
  const answers: string[] = [];
  const quiz = new Quiz(text => answers.push(text), () => answers.push('shown'));
  document.body.append(quiz.element);
  quiz.show(steps[0], { ask: 'What comes out?', help: '' }, {});
  const input = quiz.element.querySelector('input');
  assert.ok(input);
  input.value = '6';
  input.dispatchEvent(new window.KeyboardEvent('keydown', { key: 'Enter' }));
  quiz.show(steps[0], { ask: 'What comes out?' }, { verdict: 'wrong', text: 'Not this.' });
  assert.equal(input.value, '6');
  assert.match(quiz.element.textContent ?? '', /\u2717 Not this\./);
  quiz.show(steps[1], { ask: 'And now?' }, { verdict: 'right', text: 'Right.' });
  assert.equal(input.value, '');
  quiz.element.querySelectorAll('button')[1]?.click();
  assert.deepEqual(answers, ['6', 'shown']);
  quiz.show(undefined, {}, {});
  assert.equal(quiz.element.hidden, true);
});
