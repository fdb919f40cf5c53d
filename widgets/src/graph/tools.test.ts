import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JSDOM } from 'jsdom';

import { compare, type Operation } from './compare';
import { GraphView } from './index';
import { Model } from './model';
import { parseMessage } from './protocol';
import { happenings, lightsAt } from './replay';
import { messages, mlp, Sample } from './samples';
import { fileName, svgText } from './save';
import { sumOf } from './sum';

function modelOf(sample: Sample): Model {
  const model = new Model();
  for (const message of messages(sample, 1, 20)) {
    const parsed = parseMessage(message);
    assert.ok(parsed.ok);
    model.apply(parsed.value);
  }
  return model;
}

/** Two small operations, with the numbers that they met. */
function small(): Sample {
  const it = new Sample();
  const x = it.leaf('variable', 'x', [2], { values: '[1.0, 2.0]' });
  const y = it.apply('mul', '\u00d7', [x, x], [2], { values: '[1.0, 4.0]' });
  const z = it.apply('add', '+ 3', [y], [2], { values: '[4.0, 7.0]' });
  const s = it.apply('sub', '9 \u2212', [z], [2], { values: '[5.0, 2.0]' });
  it.apply('exp', 'exp', [s], [2], { values: '[148.4, 7.389]' });
  it.apply('sum', '\u03a3', [s], [], { values: null });
  return it;
}

function open(): { view: GraphView; host: HTMLElement; window: JSDOM['window'] } {
  const { window } = new JSDOM('<div id="host"></div>');
  Object.assign(globalThis, {
    window, document: window.document, Element: window.Element,
    AbortController: window.AbortController, getComputedStyle: window.getComputedStyle,
    XMLSerializer: window.XMLSerializer,
    requestAnimationFrame: (run: () => void) => (run(), 0),
    cancelAnimationFrame: () => undefined
  });
  const host = window.document.getElementById('host') as HTMLElement;
  return { view: new GraphView(host, { send: () => undefined }), host, window };
}

function feed(view: GraphView, sample: Sample, run = 1): void {
  for (const message of messages(sample, run, 20)) view.receive(message);
}

function press(host: HTMLElement, name: string): void {
  const found = [...host.querySelectorAll('button')].find(each =>
    (each.getAttribute('aria-label') ?? '').startsWith(name));
  assert.ok(found, name);
  found.click();
}

test('an operation on few numbers is written as one would by hand', () => {
  const model = modelOf(small());
  const sums = [...model.nodes.values()].map(node => sumOf(node, model));
  assert.deepEqual(sums, ['', '[1.0, 2.0] \u00d7 [1.0, 2.0] = [1.0, 4.0]',
    '[1.0, 4.0] + 3 = [4.0, 7.0]', '9 \u2212 [4.0, 7.0] = [5.0, 2.0]',
    'exp([5.0, 2.0]) = [148.4, 7.389]', '']);
});

test('a replay goes through the operations, then through their gradients', () => {
  const sample = small();
  sample.lightAll();
  const model = modelOf(sample);
  const all = happenings(model);
  assert.deepEqual(all.map(each => [each.id, each.back !== null]), [
    [2, false], [3, false], [4, false], [5, false], [6, false],
    [6, true], [5, true], [4, true], [3, true], [2, true], [1, true]]);
  const early = lightsAt(model, all, 2);
  assert.deepEqual([early.born, early.gradients.size], [3, 0]);
  const late = lightsAt(model, all, 7);
  assert.deepEqual([late.born, [...late.gradients.keys()]], [6, [6, 5]]);
});

test('the slider fades what has not run yet, and news of the program end the replay', () => {
  const { view, host, window } = open();
  const sample = small();
  sample.lightAll();
  feed(view, sample);
  press(host, 'Replay');
  const slider = host.querySelector<HTMLInputElement>('.mc-replay input');
  assert.ok(slider);
  assert.equal(slider.value, '11');
  slider.value = '1';
  slider.dispatchEvent(new window.Event('input'));
  assert.equal(host.querySelectorAll('.mc-function.mc-unborn').length, 4);
  assert.equal(host.querySelectorAll('.mc-variable.mc-unborn').length, 0);
  assert.equal(host.querySelectorAll('.mc-surface .mc-lit').length, 0);
  assert.match(host.querySelector('.mc-replay output')?.textContent ?? '', /1 \/ 11 forward: mul/);
  slider.value = '6';
  slider.dispatchEvent(new window.Event('input'));
  assert.equal(host.querySelectorAll('.mc-unborn').length, 0);
  assert.equal(host.querySelectorAll('.mc-surface .mc-lit').length, 1);
  feed(view, mlp(), 2);
  assert.equal(host.querySelector<HTMLElement>('.mc-replay')?.hidden, true);
  assert.equal(host.querySelectorAll('.mc-unborn').length, 0);
});

const operation = (id: number, label: string, shapes = '(2)', link = ''): Operation =>
  ({ id, key: `${label} ${link}`, label, link, shapes });

test('two runs are aligned by what they have in common', () => {
  const first = [operation(1, 'exp'), operation(2, 'dropout'), operation(3, 'sum', '()')];
  const second = [operation(1, 'exp', '(3)'), operation(2, 'tanh'), operation(3, 'relu'),
    operation(4, 'sum', '()')];
  const found = compare(first, second);
  assert.equal(found.same, 1);
  assert.deepEqual(found.removed.map(each => each.label), ['dropout']);
  assert.deepEqual(found.added.map(each => each.label), ['tanh', 'relu']);
  assert.deepEqual(found.changed.map(([old, now]) => [old.shapes, now.shapes]), [['(2)', '(3)']]);
  const far = compare([1, 2, 3, 4].map(n => operation(n, `f${n}`)),
    [9, 2, 8, 4].map(n => operation(n, `f${n}`)));
  assert.deepEqual([far.same, far.added.length, far.removed.length], [2, 2, 2]);
});

test('a kept run is compared with the next one, and the boxes are marked', () => {
  const { view, host } = open();
  feed(view, small());
  press(host, 'Compare');
  const box = host.querySelector('.mc-compared');
  assert.match(box?.textContent ?? '', /Kept: a run of 5 operations/);
  const other = new Sample();
  const x = other.leaf('variable', 'x', [3]);
  const y = other.apply('mul', '\u00d7', [x, x], [3]);
  other.apply('tanh', 'tanh', [y], [3]);
  feed(view, other, 2);
  assert.deepEqual([...host.querySelectorAll('.mc-surface .mc-differs')].map(
    each => each.textContent).sort(), ['+', '~']);
  assert.match(box?.textContent ?? '', /0 operations alike, 4 only in the earlier run/);
  assert.match(box?.textContent ?? '', /~ mul \(2\) \u2192 \(3\)/);
  press(host, 'Compare');
  assert.equal(host.querySelectorAll('.mc-surface .mc-differs').length, 0);
});

test('Python may send the run to compare with', () => {
  const { view, host } = open();
  view.receive({ t: 'state', run: 0, graph: small().graph(), phase: 'idle', released: [],
    updates: [] });
  view.receive({ t: 'against', graph: small().graph() });
  assert.match(host.querySelector('.mc-compared')?.textContent ?? '', /5 operations alike/);
});

test('the table lists every node with what is kept, and follows the graph', () => {
  const { view, host } = open();
  feed(view, small());
  press(host, 'Table');
  const rows = [...host.querySelectorAll('.mc-table-view tbody tr')];
  assert.equal(rows.length, 6);
  assert.deepEqual([...(rows[1]?.children ?? [])].map(each => each.textContent),
    ['2', 'mul', '1, 1', '2', '8 B', '\u2207 0.904']);
  const head = (): string[] =>
    [...host.querySelectorAll('.mc-table-view th[scope=col]')].map(each => each.textContent ?? '');
  assert.deepEqual(head(), ['No.', 'Operation', 'Takes', 'Shape', 'Kept for backward', 'Gradient']);
  assert.match(host.querySelector('caption')?.textContent ?? '', /6 nodes, 36 B kept/);
  feed(view, mlp(), 2);
  assert.ok(host.querySelectorAll('.mc-table-view tbody tr').length > 6);
  assert.equal(head()[2], 'In link');
});

test('a saved picture stands by itself: styles and places written out, nothing else', () => {
  const { view, host } = open();
  feed(view, small());
  const world = host.querySelector<SVGGElement>('.mc-surface > g');
  assert.ok(world);
  const text = svgText(world, { left: 0, right: 100, top: -10, bottom: 50 }, 'rgb(1, 2, 3)');
  assert.match(text, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="-24 -34 148 108"/);
  assert.match(text, /fill="rgb\(1, 2, 3\)"/);
  assert.match(text, /transform="translate\(/);
  assert.doesNotMatch(text, /class=|style=|data-key=/);
  assert.equal(fileName('cell [3]', 'svg'), 'cell-3.svg');
  assert.equal(fileName(null, 'png'), 'graph.png');
});
