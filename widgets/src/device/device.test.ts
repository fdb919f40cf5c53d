import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

import { bytes, DeviceView, duration, type DeviceState } from './view';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, { document: window.document });

const phases = {
  copy: 'copy', first: 'first step', calls: 'orders', wait: 'waiting', read: 'read'
};
const state: DeviceState = {
  device: 'cpu', model: 'Net(3 parameters)', available: true, status: '1 GPU', why: '', helps: '',
  parts: [{ name: 'weights', device: 'cpu', bytes: 4096 }], moves: [], times: {}, phases,
  memory: [1024, 2048], can_measure: true, batch_size: 64, examples: 100, verdict: ''
};

interface Sent { t: string; [key: string]: unknown }

function open(change: Partial<DeviceState> = {}): { root: HTMLElement; sent: Sent[];
  hear: (message: unknown) => void } {
  const sent: Sent[] = [];
  let hear: (message: unknown) => void = () => undefined;
  const model = {
    send: (message: Sent) => sent.push(message),
    on: (_: string, callback: (message: unknown) => void) => { hear = callback; },
    off: () => undefined
  } as unknown as ConstructorParameters<typeof DeviceView>[1];
  const root = document.createElement('div');
  new DeviceView(root, model);
  hear({ t: 'state', ...state, ...change });
  return { root, sent, hear: message => hear(message) };
}

const find = <T extends HTMLElement>(root: HTMLElement, selector: string): T => {
  const found = root.querySelector<T>(selector);
  assert.ok(found, selector);
  return found;
};

test('the switch asks for the other device, and shows where all is', () => {
  const { root, sent, hear } = open();
  const toggle = find<HTMLButtonElement>(root, '[role=switch]');
  toggle.click();
  assert.deepEqual(sent.at(-1), { t: 'move', to: 'gpu' });
  const move = { name: 'model', bytes: 4096, seconds: 0.002, to: 'gpu:0' };
  hear({ t: 'state', ...state, device: 'gpu:0', moves: [move] });
  assert.equal(toggle.getAttribute('aria-checked'), 'true');
  const gpu = find(root, 'section[aria-label=GPU]');
  assert.match(gpu.textContent ?? '', /the model is here/);
  assert.match(gpu.textContent ?? '', /model4 KiB in 2 ms/);
  assert.match(gpu.textContent ?? '', /memory held by the pool2 KiB/);
  toggle.click();
  assert.deepEqual(sent.at(-1), { t: 'move', to: 'cpu' });
});

test('without a GPU the switch stays, disabled, with the reason and what helps', () => {
  const { root } = open({
    available: false, status: 'CuPy is missing.', why: 'Only with NVIDIA.', helps: 'pip <x>',
    memory: null
  });
  assert.equal(find<HTMLButtonElement>(root, '[role=switch]').disabled, true);
  assert.match(find(root, '.mc-reason').textContent ?? '', /CuPy is missing\./);
  assert.equal(find(root, 'code').textContent, 'pip <x>');
});

test('times stand beside each other with the same scale', () => {
  const cpu = { copy: 0, first: 0.1, calls: 0.004, wait: 0, read: 0 };
  const gpu = { copy: 0.001, first: 0.5, calls: 0.001, wait: 0.001, read: 0.0001 };
  const { root } = open({ times: { cpu, 'gpu:0': gpu }, verdict: 'The GPU is faster.' });
  const widths = [...root.querySelectorAll<HTMLElement>('.mc-bar > span')]
    .map(part => part.style.width);
  assert.deepEqual(widths, ['100%', '0%', '25%', '25%']);
  assert.match(find(root, '.mc-says').textContent ?? '', /The GPU is faster/);
});

test('without data nothing can be measured, and the button says so', () => {
  const { root } = open({ can_measure: false });
  const measure = [...root.querySelectorAll('button')].find(b => b.textContent === 'Measure');
  assert.equal(measure?.disabled, true);
  assert.match(measure?.title ?? '', /Give data/);
});

test('sizes and times have units', () => {
  assert.deepEqual([100, 2048, 3 * 2 ** 20, 2 ** 31].map(bytes),
    ['100 bytes', '2 KiB', '3 MiB', '2 GiB']);
  assert.deepEqual([2e-6, 0.0123, 2].map(duration), ['2 µs', '12.3 ms', '2 s']);
});
