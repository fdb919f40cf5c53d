import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

import { describe, inOrder, placeOf, placeOfNew, type Block, type Kind, type State } from './state';
import { BuilderView } from './view';
import type { Message } from '../kit';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, {
  document: window.document, HTMLInputElement: window.HTMLInputElement,
  CustomEvent: window.CustomEvent
});
window.Element.prototype.scrollIntoView = () => undefined;      // jsdom has no layout
const { body } = window.document;

const KINDS: Kind[] = [
  { kind: 'linear', label: 'linear', symbol: 'Wx', group: 'layers', help: 'Sums',
    takes: ['I'],
    settings: [{ name: 'units', type: 'whole', low: 1, high: 64, help: 'numbers' },
      { name: 'bias', type: 'switch', help: 'add a number' }] },
  { kind: 'activation', label: 'activation', symbol: 'f', group: 'layers', help: 'Bends',
    takes: ['I', 'CHW'],
    settings: [{ name: 'function', type: 'choice', options: ['relu', 'tanh'], help: 'which' }] },
  { kind: 'residual', label: 'residual branch', symbol: '+', group: 'layers', help: 'Adds',
    takes: ['I', 'CHW'], settings: [] }
];
const EDGE = { axes: 'I', shape: 'N 32, I 8', words: 'a batch of 32', memory: '1 KiB' };

function block(id: number, kind: string, more: Partial<Block> = {}): Block {
  const known = KINDS.find(each => each.kind === kind);
  const settings: Block['settings'] = kind === 'linear' ? { units: 8, bias: true } : {};
  return { id, kind, label: known?.label ?? kind, symbol: known?.symbol ?? '', name: '', settings,
    arrives: EDGE, edge: EDGE, cost: 'free', waits: false, problem: '', repairs: [],
    lanes: kind === 'residual' ? [[], []] : [],
    ...more };
}

function state(...blocks: Block[]): State {
  return {
    data: { name: 'digits', note: 'Which?', names: ['digits', 'sines'], edge: EDGE,
      wanted: '10 numbers', trainable: true },
    blocks, end: { problem: '', repairs: [] },
    totals: { weights: '8', macs: '9', memory: '1 KiB', batch: 32 },
    fits: true, stale: false, code: 'class Net', training: 'run', apart: 'look',
    seen: 'window by window', json: '{}',
    undo: 1, redo: 0
  };
}

const TREE = state(block(1, 'linear'), block(2, 'residual', { lanes: [[block(3, 'linear')], []] }),
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
  assert.deepEqual(placeOf(TREE.blocks, 3), { parent: 2, index: 0, lane: 0 });
  assert.equal(placeOf(TREE.blocks, 9), null);
});

test('a new block comes behind the current one, into an empty branch, or last', () => {
  assert.deepEqual(placeOfNew(TREE, null), { parent: null, index: 3, lane: 0 });
  assert.deepEqual(placeOfNew(TREE, 1), { parent: null, index: 1, lane: 0 });
  assert.deepEqual(placeOfNew(TREE, 3), { parent: 2, index: 1, lane: 0 });
  assert.deepEqual(placeOfNew(TREE, 4), { parent: 4, index: 0, lane: 0 });
  assert.deepEqual(placeOfNew(TREE, 99), { parent: null, index: 3, lane: 0 });
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
  assert.deepEqual(sent.at(-1), { t: 'add', kind: 'activation', parent: null, index: 1,
    lane: 0 });
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

const SIDES = state(block(1, 'linear'), block(2, 'parallel', {
  lanes: [[block(3, 'linear')], [], []], edge: { ...EDGE, axes: 'CHW' } }));

test('an edge and a branch can be pressed, and the next block comes there', () => {
  const { sent } = open(SIDES);
  const here = (): string[] => [...body.querySelectorAll('.mc-wire.mc-here')]
    .map(wire => wire.nextElementSibling?.className ?? 'end');
  assert.deepEqual(here(), ['end']);
  body.querySelector<HTMLElement>('.mc-wire')?.click();
  assert.deepEqual(here(), ['mc-level']);
  body.querySelector<HTMLElement>('[data-kind=linear]')?.click();
  body.querySelectorAll<HTMLElement>('.mc-lanename')[2]?.click();
  body.querySelector<HTMLElement>('[data-kind=linear]')?.click();
  assert.deepEqual(sent, [{ t: 'add', kind: 'linear', parent: null, index: 0, lane: 0 },
    { t: 'add', kind: 'linear', parent: 2, index: 0, lane: 2 }]);
});

test('branches are taken out and put in, and fields keep the cursor', () => {
  const { sent, view } = open(SIDES);
  const names = (): string[] => [...body.querySelectorAll('.mc-lanename')]
    .map(name => name.textContent ?? '');
  assert.deepEqual(names(), ['branch 1', 'branch 2', 'branch 3']);
  body.querySelectorAll<HTMLElement>('.mc-lanetop .mc-tool')[1]?.click();
  body.querySelector<HTMLElement>('.mc-onemore')?.click();
  assert.deepEqual(sent, [{ t: 'branch', id: 2, lane: 1, add: false },
    { t: 'branch', id: 2, lane: 2, add: true }]);
  const inside = body.querySelector<HTMLInputElement>('.mc-branches input[role=spinbutton]');
  inside?.focus();
  view.show(SIDES, null, null);
  assert.equal(document.activeElement, inside);
  view.show(state(block(1, 'linear'), block(2, 'parallel', { lanes: [[], []] })), null, null);
  assert.deepEqual(names(), ['branch 1', 'branch 2']);
  assert.equal(body.querySelectorAll('.mc-lanetop .mc-tool').length, 0);
  open(TREE);
  assert.deepEqual(names(), ['inside of the branch', 'on the way round: unchanged',
    'inside of the branch', 'on the way round: unchanged']);
  const inner = block(3, 'parallel', { lanes: [[], []] });
  open(state(block(2, 'residual', { lanes: [[inner], []] })));
  assert.deepEqual(names(), ['inside of the branch', 'branch 1', 'branch 2',
    'on the way round: unchanged'], 'a branch inside has names of its own');
});

test('the palette says what does not fit where the next block comes, and why', () => {
  open(SIDES);
  const piece = (): HTMLElement | null => body.querySelector('[data-kind=linear]');
  assert.ok(piece()?.classList.contains('mc-odd'));
  assert.match(piece()?.title ?? '', /takes rows of numbers, but images arrive here/);
  piece()?.dispatchEvent(new window.Event('focus'));
  assert.match(body.querySelector('.mc-help')?.textContent ?? '', /^linear: Sums It takes rows/);
  boxes()[0]?.focus();
  assert.ok(!piece()?.classList.contains('mc-odd'));
});

/** A block of the palette is dragged over an element, or dropped on it, at a height. */
function drag(element: Element | null | undefined, type: string, clientY: number): void {
  const event = new window.MouseEvent(type, { clientY, bubbles: true, cancelable: true });
  const data = { types: ['application/x-minichain-kind'], getData: (kind: string) =>
    kind.endsWith('kind') ? 'linear' : '' };
  Object.assign(event, { dataTransfer: data });
  assert.ok(element);
  element.dispatchEvent(event);
}

/** Which edges are marked as those where it would come. */
function over(): number[] {
  return [...body.querySelectorAll('.mc-wire')]
    .flatMap((wire, i) => wire.classList.contains('mc-over') ? [i] : []);
}

test('something that is dragged goes to the nearest place between blocks', () => {
  const { sent } = open(state(block(1, 'linear'), block(2, 'activation')));
  boxes().forEach((box, i) => {
    box.getBoundingClientRect = () => new window.DOMRect(0, 100 * i, 100, 40) as DOMRect;
  });
  drag(boxes()[0], 'dragover', 5);
  assert.deepEqual(over(), [0]);
  drag(boxes()[0], 'dragover', 90);
  assert.deepEqual(over(), [1]);
  drag(boxes()[0], 'drop', 130);
  assert.deepEqual(over(), []);
  drag(body.querySelector('.mc-end'), 'drop', 300);
  assert.deepEqual(sent, [{ t: 'add', kind: 'linear', parent: null, index: 2, lane: 0 },
    { t: 'add', kind: 'linear', parent: null, index: 2, lane: 0 }]);
});

test('what is dropped on the heading of a branch comes into it, and one edge is marked', () => {
  const { sent } = open(SIDES);
  drag(body.querySelector('.mc-source'), 'dragover', -1);
  assert.deepEqual(over(), [0]);
  const heading = body.querySelectorAll('.mc-lanename')[1];
  drag(heading, 'dragover', 50);
  const wires = [...body.querySelectorAll('.mc-wire')];
  assert.deepEqual(over(), [wires.findIndex(wire => wire.closest('.mc-lane')?.contains(
    heading ?? null))]);
  drag(heading, 'drop', 50);
  assert.deepEqual(over(), []);
  open(state());
  drag(body.querySelector('.mc-empty'), 'dragover', 50);
  assert.deepEqual(over(), [0]);
  assert.deepEqual(sent, [{ t: 'add', kind: 'linear', parent: 2, index: 0, lane: 1 }]);
});

test('code goes into cells below, or on the clipboard where nobody can do that', async () => {
  open(state(block(1, 'linear')));
  const asked: unknown[] = [];
  const press = (name: string): void => [...body.querySelectorAll<HTMLElement>('.mc-action')]
    .find(button => button.textContent === name)?.click();
  const says = (): string => body.querySelector('.mc-says')?.textContent ?? '';
  const listen = (event: Event): void => {
    asked.push((event as CustomEvent).detail);
    event.preventDefault();
  };
  body.addEventListener('minichain-cells', listen);
  press('Into a cell');
  assert.equal(says(), 'The code is in a cell below.');
  press('Net and training into cells');
  assert.deepEqual(asked, [{ sources: ['class Net'] }, { sources: ['class Net', 'run'] }]);
  body.removeEventListener('minichain-cells', listen);
  const copied: string[] = [];
  const clipboard = { writeText: async (text: string) => void copied.push(text) };
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { clipboard } });
  press('Into a cell');
  await new Promise(resolve => setTimeout(resolve, 0));
  assert.deepEqual(copied, ['class Net']);
  assert.match(says(), /^Cells cannot be put in here/);
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
  const pending = code.nextElementSibling as HTMLElement;
  assert.match(pending.textContent ?? '', /^Apply draws this code; Back shows/);
  apply.click();
  assert.deepEqual(sent, [{ t: 'apply', code: 'first\nsecond' }]);
  view.show({ ...TREE, code: 'class Other' }, null, null);
  assert.match(pending.textContent ?? '', /^The net has been changed since/);
  view.show(TREE, null, null);
  assert.equal(code.value, 'first\nsecond');
  view.unread('Line 2: this is not Python yet');
  assert.equal(code.value.slice(code.selectionStart, code.selectionEnd), 'second');
  back?.click();
  assert.equal(code.value, 'class Net');
  assert.equal(body.querySelector<HTMLElement>('.mc-unread')?.hidden, true);
  assert.ok(pending.hidden);
});

test('what was said of one step goes with the next; a net that does not fit is not trained', () => {
  const { view } = open(TREE);
  const says = (): string => body.querySelector('.mc-says')?.textContent ?? '';
  view.show(TREE, null, 1);
  assert.match(says(), /New blocks come behind linear/);
  [...body.querySelectorAll('button')].find(each => each.textContent === 'Undo')?.click();
  assert.equal(says(), '');
  const stale = (fits: boolean): string => {
    view.show({ ...TREE, stale: true, fits }, null, null);
    return body.querySelector('.mc-stale')?.textContent ?? '';
  };
  assert.match(stale(true), /press Train/);
  assert.match(stale(false), /of the net before/);
});

test('texts of data and names reach the page as text', () => {
  const evil = '<img src=x onerror=alert(1)>';
  const shown = state(block(1, 'linear', { name: evil, problem: evil }));
  open({ ...shown, data: { ...shown.data, note: evil } });
  assert.equal(body.querySelector('img'), null);
  assert.match(body.textContent ?? '', /<img src=x/);
});

test('a net is taken apart where there is something to look into; else the button says why', () => {
  const { sent, view } = open(TREE);
  const button = [...body.querySelectorAll('button')]
    .find(each => each.textContent === 'Take apart');
  button?.click();
  assert.deepEqual(sent, [{ t: 'apart' }]);
  const shown = body.querySelector('[aria-label="Code that takes the net apart"]');
  assert.equal(shown?.textContent, 'look');
  assert.match(button?.title ?? '', /below: window by window/);
  const inside = window.document.createElement('section');
  view.showInside(inside, TREE.code, true);
  view.show({ ...TREE, code: 'another net' }, null, null);
  assert.ok(inside.parentElement?.hidden);
  view.show(TREE, null, null);
  assert.equal(inside.parentElement?.hidden, false);
  view.showInside(inside, 'a net before', false);      // after a reload of the page
  assert.ok(inside.parentElement?.hidden);
  view.show({ ...TREE, apart: '' }, null, null);
  assert.ok(button?.disabled);
  assert.match(button?.title ?? '', /test examples are needed/);
  view.show({ ...TREE, fits: false }, null, null);
  assert.match(button?.title ?? '', /does not fit yet/);
});

test('a net that is pasted as text comes in the place of the one that stands there', () => {
  const { sent } = open(state(block(1, 'linear')));
  const text = body.querySelector<HTMLTextAreaElement>('.mc-sharetext');
  assert.ok(text);
  assert.equal(text.value, '{}');
  const paste = new window.Event('paste', { bubbles: true, cancelable: true });
  text.dispatchEvent(Object.assign(paste, { clipboardData: { getData: () => '{"new": 1}' } }));
  [...body.querySelectorAll('button')].find(each => each.textContent === 'Load')?.click();
  assert.deepEqual(sent.at(-1), { t: 'load', text: '{"new": 1}' });
});
