import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

import { describe, inOrder, placeOf, placeOfNew, type Block, type Kind, type State } from './state';
import { BuilderView } from './view';
import type { Message } from '../kit';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, {
  document: window.document, HTMLInputElement: window.HTMLInputElement
});
const { body } = window.document;

const KINDS: Kind[] = [
  { kind: 'linear', label: 'linear', symbol: 'Wx', group: 'layers', help: 'Sums',
    settings: [{ name: 'units', type: 'whole', low: 1, high: 64, help: 'numbers' },
      { name: 'bias', type: 'switch', help: 'add a number' }] },
  { kind: 'activation', label: 'activation', symbol: 'f', group: 'layers', help: 'Bends',
    settings: [{ name: 'function', type: 'choice', options: ['relu', 'tanh'], help: 'which' }] },
  { kind: 'residual', label: 'residual branch', symbol: '+', group: 'layers', help: 'Adds',
    settings: [] }
];
const EDGE = { shape: 'N 32, I 8', memory: '1 KiB' };

function block(id: number, kind: string, more: Partial<Block> = {}): Block {
  const known = KINDS.find(each => each.kind === kind);
  const settings: Block['settings'] = kind === 'linear' ? { units: 8, bias: true } : {};
  return { id, kind, label: known?.label ?? kind, symbol: known?.symbol ?? '', name: '', settings,
    arrives: EDGE, edge: EDGE, cost: 'free', waits: false, problem: '', repairs: [], blocks: [],
    ...more };
}

function state(...blocks: Block[]): State {
  return {
    data: { name: 'digits', note: 'Which?', names: ['digits', 'sines'], edge: EDGE,
      wanted: '10 numbers', trainable: true },
    blocks, end: { problem: '', repairs: [] },
    totals: { weights: '8', macs: '9', memory: '1 KiB', batch: 32 },
    fits: true, stale: false, code: 'class Net', training: 'run', json: '{}', undo: 1, redo: 0
  };
}

const TREE = state(block(1, 'linear'), block(2, 'residual', { blocks: [block(3, 'linear')] }),
  block(4, 'residual'));

function open(...states: State[]): { sent: Message[]; view: BuilderView } {
  body.replaceChildren();
  const sent: Message[] = [];
  const view = new BuilderView(body, message => sent.push(message));
  view.learn(KINDS);
  for (const each of states) view.show(each, null, null);
  return { sent, view };
}

function press(element: Element | null | undefined, key: string, options = {}): void {
  assert.ok(element);
  element.dispatchEvent(new window.KeyboardEvent('keydown', { key, bubbles: true, ...options }));
}

function boxes(): HTMLElement[] {
  return [...body.querySelectorAll<HTMLElement>('.mc-blockbox')];
}

test('blocks are walked from top to bottom, into branches', () => {
  assert.deepEqual(inOrder(TREE.blocks).map(each => each.id), [1, 2, 3, 4]);
  assert.deepEqual(placeOf(TREE.blocks, 3), { parent: 2, index: 0 });
  assert.equal(placeOf(TREE.blocks, 9), null);
});

test('a new block comes behind the current one, into an empty branch, or last', () => {
  assert.deepEqual(placeOfNew(TREE, null), { parent: null, index: 3 });
  assert.deepEqual(placeOfNew(TREE, 1), { parent: null, index: 1 });
  assert.deepEqual(placeOfNew(TREE, 3), { parent: 2, index: 1 });
  assert.deepEqual(placeOfNew(TREE, 4), { parent: 4, index: 0 });
  assert.deepEqual(placeOfNew(TREE, 99), { parent: null, index: 3 });
});

test('a block is described in words: what it gives, or what is wrong', () => {
  assert.equal(describe(block(1, 'linear', { name: 'l1' })), 'linear l1, gives N 32, I 8, free');
  assert.match(describe(block(1, 'linear', { problem: 'too wide' })), /does not fit: too wide/);
  assert.match(describe(block(1, 'linear', { edge: null, waits: true })), /waits/);
});

test('an empty net shows what to do, and the example can be asked for', () => {
  const { sent } = open(state());
  assert.equal(body.querySelector<HTMLElement>('.mc-empty')?.hidden, false);
  body.querySelector<HTMLElement>('.mc-empty button')?.click();
  assert.deepEqual(sent, [{ t: 'example' }]);
});

test('a press on the palette adds behind the chosen block', () => {
  const { sent } = open(TREE);
  boxes()[0]?.focus();
  body.querySelector<HTMLElement>('[data-kind=activation]')?.click();
  assert.deepEqual(sent.at(-1), { t: 'add', kind: 'activation', parent: null, index: 1 });
  assert.ok(boxes()[0]?.classList.contains('mc-chosen'));
});

test('keys move, double and take out a block, and walk from block to block', () => {
  const { sent } = open(TREE);
  const [first] = boxes();
  first?.focus();
  press(first, 'ArrowDown', { altKey: true });
  press(first, 'd', { ctrlKey: true });
  press(first, 'Delete');
  press(first, 'z', { ctrlKey: true });
  assert.deepEqual(sent, [{ t: 'step', id: 1, by: 1 }, { t: 'duplicate', id: 1 },
    { t: 'remove', id: 1 }, { t: 'undo' }]);
  press(first, 'ArrowDown');
  assert.equal(document.activeElement, boxes()[1]);
  press(boxes()[1], 'ArrowDown');
  assert.equal(document.activeElement, boxes()[2]);
});

test('what is typed is sent if it is in the range, and stays while one types', async () => {
  const { sent, view } = open(TREE);
  const input = body.querySelector<HTMLInputElement>('input[role=spinbutton]');
  assert.ok(input);
  input.focus();
  input.value = '999';
  input.dispatchEvent(new window.Event('input'));
  assert.equal(input.getAttribute('aria-invalid'), 'true');
  assert.match(boxes()[0]?.querySelector('.mc-misfit')?.textContent ?? '', /from 1 to 64/);
  view.show(TREE, null, null);
  assert.equal(input.value, '999');
  press(input, 'Delete');
  input.value = '16';
  input.dispatchEvent(new window.Event('input'));
  press(input, 'ArrowUp');
  await new Promise(resolve => setTimeout(resolve, 250));
  assert.deepEqual(sent, [{ t: 'set', id: 1, name: 'units', value: 17 }]);
});

test('a block that does not fit offers its repairs', () => {
  const bad = block(1, 'linear', { problem: 'linear wants (N, I)', repairs: ['insert flatten'],
    edge: null });
  const { sent } = open(state(bad));
  assert.ok(boxes()[0]?.classList.contains('mc-misfits'));
  assert.match(boxes()[0]?.getAttribute('aria-label') ?? '', /wants \(N, I\)/);
  body.querySelector<HTMLElement>('.mc-repair')?.click();
  assert.deepEqual(sent, [{ t: 'repair', id: 1, label: 'insert flatten' }]);
});

test('blocks keep their elements while others come and go', () => {
  const { view } = open(state(block(1, 'linear'), block(2, 'activation')));
  const second = boxes()[1];
  view.show(state(block(5, 'linear'), block(2, 'activation')), null, null);
  assert.equal(boxes()[1], second);
  assert.equal(boxes().length, 2);
  view.show(state(block(5, 'activation'), block(2, 'linear')), null, null);
  assert.notEqual(boxes()[1], second);
  assert.deepEqual([...body.querySelectorAll('.mc-blockname')].map(name => name.textContent),
    ['activation', 'linear']);
});

test('code that is being changed stays until it is applied, and a mistake selects its line', () => {
  const { sent, view } = open(state());
  const code = body.querySelector<HTMLTextAreaElement>('.mc-codetext');
  assert.ok(code);
  const [apply, back] = body.querySelectorAll<HTMLButtonElement>('.mc-codepane button');
  assert.ok(apply?.disabled);
  code.value = 'first\nsecond';
  code.dispatchEvent(new window.Event('input'));
  apply.click();
  assert.deepEqual(sent, [{ t: 'apply', code: 'first\nsecond' }]);
  view.show(TREE, null, null);
  assert.equal(code.value, 'first\nsecond');
  view.unread('Line 2: this is not Python yet');
  assert.equal(code.value.slice(code.selectionStart, code.selectionEnd), 'second');
  back?.click();
  assert.equal(code.value, 'class Net');
  assert.equal(body.querySelector<HTMLElement>('.mc-unread')?.hidden, true);
});

test('texts of data and names reach the page as text', () => {
  const evil = '<img src=x onerror=alert(1)>';
  const shown = state(block(1, 'linear', { name: evil, problem: evil }));
  open({ ...shown, data: { ...shown.data, note: evil } });
  assert.equal(body.querySelector('img'), null);
  assert.match(body.textContent ?? '', /<img src=x/);
});
