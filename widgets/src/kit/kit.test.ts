import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

import { scaleOf, thin, type Point } from './chart';
import { anything } from './check';
import { complaint, NumberField, Slider, Tabs } from './controls';
import { html } from './dom';
import { Frame } from './frame';
import { colourOf, HeatMap, inkOn, limitsOf } from './heat';
import { asMessage, listen, on, tell } from './link';
import { number } from './number';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, { document: window.document });
const { body } = window.document;

test('a frame shows what went wrong until it is put away', () => {
  const frame = new Frame(body, { name: 'Test', title: 'A test', hint: 'Try it.' });
  const alarm = frame.element.querySelector<HTMLElement>('[role=alert]');
  assert.equal(alarm?.hidden, true);
  frame.problem('<b>no</b>');
  assert.equal(alarm?.hidden, false);
  assert.equal(alarm?.querySelector('b'), null);
  assert.match(alarm?.textContent ?? '', /<b>no<\/b>/);
  alarm?.querySelector('button')?.click();
  assert.equal(alarm?.hidden, true);
});

test('letters typed into a widget do not reach the notebook, shortcuts do', () => {
  const frame = new Frame(body, { name: 'Test', title: 'A test', hint: '' });
  const heard: string[] = [];
  const hear = (event: { key: string }): void => void heard.push(event.key);
  body.addEventListener('keydown', hear);
  for (const [key, ctrlKey] of [['d', false], ['s', true]] as const) {
    const event = new window.KeyboardEvent('keydown', { key, ctrlKey, bubbles: true });
    frame.body.dispatchEvent(event);
  }
  body.removeEventListener('keydown', hear);
  assert.deepEqual(heard, ['s']);
});

test('a number field passes numbers in its range on, and explains the others', () => {
  const passed: number[] = [];
  const options = { label: 'Learning rate', tip: '', min: 0, max: 10, value: 0.1 };
  const field = new NumberField(options, value => passed.push(value));
  for (const text of ['abc', '', '11', '0.5']) {
    field.input.value = text;
    field.input.dispatchEvent(new window.Event('change'));
  }
  assert.deepEqual(passed, [0.5]);
  assert.equal(field.input.getAttribute('aria-invalid'), 'false');
  assert.equal(complaint('abc', options),
    'Learning rate should be a number, such as 0.1; this is "abc".');
  assert.equal(complaint('11', options), 'Learning rate should be from 0 to 10.');
  assert.match(complaint('1.5', { ...options, whole: true }), /a whole number/);
});

test('a slider writes its number beside it, also for a screen reader', () => {
  const slider = new Slider(
    { label: 'Pad', tip: '', min: 0, max: 4, value: 1, write: value => `${value} cells` },
    () => undefined);
  slider.value = 3;
  assert.equal(slider.element.querySelector('output')?.textContent, '3 cells');
  assert.equal(slider.input.getAttribute('aria-valuetext'), '3 cells');
});

test('arrow keys walk from tab to tab and around', () => {
  const pages = ['a', 'b'].map(label => ({ label, content: html('div', {}, label) }));
  const tabs = new Tabs('Pages', pages);
  body.append(tabs.element);
  const buttons = [...tabs.element.querySelectorAll<HTMLElement>('[role=tab]')];
  for (const key of ['ArrowRight', 'ArrowRight', 'End']) {
    const focused = buttons.find(button => button.tabIndex === 0);
    focused?.dispatchEvent(new window.KeyboardEvent('keydown', { key, bubbles: true }));
  }
  assert.deepEqual(pages.map(page => page.content.hidden), [true, false]);
});

test('colours go from the first of the map to the last, and NaN is red', () => {
  assert.deepEqual(colourOf(-1, 'sign', [-1, 1]), [0, 114, 178]);
  assert.deepEqual(colourOf(0, 'sign', [-1, 1]), [247, 247, 247]);
  assert.deepEqual(colourOf(9, 'sign', [-1, 1]), [213, 94, 0]);
  assert.deepEqual(colourOf(NaN, 'sign', [-1, 1]), [176, 0, 32]);
  assert.equal(inkOn([255, 255, 255]), '#000000');
  assert.deepEqual(limitsOf([-3, 1, NaN], 'sign'), [-3, 3]);
  assert.deepEqual(limitsOf([], 'ink'), [0, 1]);
});

test('the cursor of a heat map tells the cell once, and that it left', () => {
  const seen: unknown[] = [];
  const map = new HeatMap({ label: 'x', map: 'ink', cell: 10, point: cell => seen.push(cell) });
  map.show([1, 2, 3, 4, 5, 6], 2, 3);
  map.point(1, 2);
  map.point(1, 2);
  map.point(5, 0);
  assert.deepEqual(seen, [{ row: 1, column: 2, value: 6 }, null]);
});

test('a thinned curve keeps its peaks and its order', () => {
  const points: Point[] = Array.from({ length: 5000 }, (_, x) => [x, x === 1234 ? 99 : x % 7]);
  const kept = thin(points);
  assert.ok(kept.length <= 300);
  assert.ok(kept.some(([, y]) => y === 99));
  assert.deepEqual(kept.map(([x]) => x), kept.map(([x]) => x).sort((a, b) => a - b));
});

test('a logarithmic axis has equal room for equal factors', () => {
  const scale = scaleOf([[0, 0.01], [10, 100]], { log: true });
  assert.ok(Math.abs(scale.y(0.01) + scale.y(100) - 2 * scale.y(1)) < 1e-6);
  assert.deepEqual(scale.ticks.map(tick => number(tick)), ['0.01', '1', '100']);
});

test('numbers are written in few letters', () => {
  assert.deepEqual([0, 0.12345, 1234.5, 1e-9, 123456].map(number),
    ['0', '0.123', '1230', '1.0e-9', '1.2e5']);
});

test('what is no message is not heard, and the view says that it is ready', () => {
  const sent: unknown[] = [];
  let hear: (value: unknown) => void = () => undefined;
  const model = {
    send: (message: unknown) => sent.push(message),
    on: (_: string, callback: (value: unknown) => void) => { hear = callback; },
    off: () => undefined
  } as unknown as Parameters<typeof listen>[0];
  const heard: string[] = [];
  listen(model, assert.fail, { state: on(anything, () => heard.push('state')) });
  for (const value of [null, 3, { t: 4 }, { t: 'toString' }, { t: 'state' }]) hear(value);
  assert.deepEqual(sent, [{ t: 'ready' }]);
  assert.deepEqual(heard, ['state']);
  assert.equal(asMessage({ t: 1 }), null);
});

test('to a closed notebook nothing is told; another failure is not hidden', () => {
  const failing = (words: string) => ({
    send: () => { throw new Error(words); }, on: () => undefined, off: () => undefined
  }) as unknown as Parameters<typeof listen>[0];
  tell(failing('Cannot send'), { t: 'step' });
  listen(failing('Cannot send'), assert.fail, {})();
  assert.throws(() => tell(failing('broken'), { t: 'step' }), /broken/);
});

/** The source files of the page that have something in them. */
function filesWith(pattern: RegExp): string[] {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  assert.ok(files.length > 50);
  return files.filter(file => pattern.test(readFileSync(`src/${file}`, 'utf8')));
}

test('every message to Python goes by tell', () => {
  assert.deepEqual(filesWith(/model\.send\(/), ['kit/link.ts']);
});

test('no text becomes markup or a program, and nothing but lessons is fetched', () => {
  const nowhere = [/innerHTML|outerHTML|insertAdjacent|ContextualFragment/,
    /DOMParser|document\.write/, /\beval\(|new Function|set(Timeout|Interval)\(['"`]|javascript:/,
    /XMLHttpRequest|WebSocket|sendBeacon|EventSource/];
  for (const pattern of nowhere) assert.deepEqual(filesWith(pattern), []);
  assert.deepEqual(filesWith(/await fetch\(|[^.\w ]fetch\(/), ['lab/lessons/originals.ts']);
});

test('each rule of a widget is stronger than those of the kit, whichever comes last', () => {
  const names = ['BackpropStepper', 'ConvExplorer', 'DeviceSwitch', 'NetBuilder', 'TrainingRun',
    'Unroller', 'WasteMeter'];
  for (const name of names) {
    const style = readFileSync(`style/${name.toLowerCase()}.css`, 'utf8');
    const own = style.match(new RegExp(`\\.mc-${name}\\b`, 'g')) ?? [];
    const strong = style.match(new RegExp(`\\.mc-kit\\.mc-${name}\\b`, 'g')) ?? [];
    assert.ok(own.length > 5, name);
    assert.equal(own.length, strong.length, name);
  }
});
