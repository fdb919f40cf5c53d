import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

import { drawExplanation } from './explanation';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, { document: window.document });

type Arguments = Parameters<typeof drawExplanation>;
const trans = {
  __: (text: string, ...values: unknown[]) =>
    text.replace(/%(\d)/g, (_, index: string) => String(values[Number(index) - 1]))
} as unknown as Arguments[0];
const executed: unknown[] = [];
const known = new Set(['minichain:show-node']);
const commands = {
  hasCommand: (id: string) => known.has(id),
  execute: async (...given: unknown[]) => void executed.push(given)
} as unknown as Arguments[1];

const HTML = '<img src=x onerror=alert(1)>';
const GOOD = {
  format: 'minichain-error', version: 3, kind: 'ShapeError', wanted: '(N,I) -> (N,O)',
  given: 'x (2, 3)', link: 'l1', why: ['I is %1', '3'], where: ['cell %1', '1'],
  advice: ['try %1', 'this'], node: 3, run: 1
};

function draw(data: unknown): HTMLElement {
  const host = window.document.createElement('div');
  drawExplanation(trans, commands)(host, data);
  return host;
}

test('an explanation tells what was wanted and shows the place', () => {
  const host = draw(GOOD);
  assert.match(host.textContent ?? '', /ShapeError, explained.*I is 3.*try this/s);
  host.querySelector('button')?.click();
  assert.deepEqual(executed, [['minichain:show-node', { id: 3, run: 1 }]]);
});

test('without a graph panel no button leads there', () => {
  known.clear();
  assert.equal(draw(GOOD).querySelector('button'), null);
  known.add('minichain:show-node');
});

test('what somebody else wrote into a notebook becomes text, and not too much of it', () => {
  const odd = [null, 3, [], {}, HTML, [HTML, HTML, {}], new Array(1e6).fill('%1'), 'x'.repeat(1e7)];
  for (const name of Object.keys(GOOD)) {
    for (const value of odd) {
      const host = draw({ ...GOOD, [name]: value });
      assert.equal(host.querySelector('img'), null);
      assert.ok((host.textContent ?? '').length < 10_000, name);
    }
  }
  for (const value of odd) assert.match(draw(value).textContent ?? '', /another version/);
});
