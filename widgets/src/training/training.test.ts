import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

import * as pages from './pages';
import { counts, saying, type Status } from './state';
import { TrainingView } from './view';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, {
  document: window.document, requestAnimationFrame: (run: () => void) => setTimeout(run, 0)
});
window.HTMLCanvasElement.prototype.getContext = () => null;

const status: Status = {
  playing: false, followed: false, stage: 'ready', step: 0, epoch: 0, loss: null, length: null,
  lr: 0.01, optimizer: 'Adam', notice: '', alarm: false,
  model: 'Net(3 parameters)'
};
const everything = {
  t: 'state', curves: { loss: [[1, 0.5], [2, null]] }, status, optimizers: ['SGD', 'Adam'],
  examples: 10, batch_size: 2, tested: true, reads: true, patience: 0, speed: 0, fits: ''
};

interface Sent { t: string; [key: string]: unknown }

function open(): { view: TrainingView; root: HTMLElement; sent: Sent[];
  hear: (message: unknown) => void } {
  const sent: Sent[] = [];
  let hear: (message: unknown) => void = () => undefined;
  const model = {
    send: (message: Sent) => sent.push(message),
    on: (_: string, callback: (message: unknown) => void) => { hear = callback; },
    off: () => undefined
  } as unknown as ConstructorParameters<typeof TrainingView>[1];
  const root = document.createElement('div');
  document.body.append(root);
  const view = new TrainingView(root, model);
  return { view, root, sent, hear: message => hear(message) };
}

function press(root: HTMLElement, words: string): void {
  const button = [...root.querySelectorAll('button')].find(each => each.textContent === words);
  assert.ok(button, `no button ${words}`);
  button.click();
}

test('a view says that it is there, waits for the state, and says when it goes', () => {
  const { view, root, sent, hear } = open();
  assert.deepEqual(sent.map(message => message.t), ['ready', 'shown']);
  assert.equal(root.querySelector<HTMLButtonElement>('.mc-row button')?.disabled, true);
  hear(everything);
  assert.equal(root.querySelector<HTMLButtonElement>('.mc-row button')?.disabled, false);
  view.dispose();
  assert.equal(sent.at(-1)?.t, 'gone');
  assert.equal(sent.at(-1)?.['view'], sent[1]?.['view']);
});

test('the first button trains and pauses, as Python says what goes on', () => {
  const { root, sent, hear } = open();
  hear(everything);
  press(root, 'Train');
  assert.equal(sent.at(-1)?.t, 'train');
  hear({ t: 'news', curves: {}, status: { ...status, playing: true, step: 3 } });
  assert.equal(sent.at(-1)?.t, 'seen');
  assert.match(root.querySelector('.mc-count')?.textContent ?? '', /^step 3, epoch 0\.0/);
  press(root, 'Pause');
  assert.equal(sent.at(-1)?.t, 'pause');
});

test('curves of test examples are named where there are any', () => {
  const { root, hear } = open();
  const named = (): boolean[] => [...root.querySelectorAll<HTMLElement>('.mc-charts .mc-key')]
    .filter(key => key.textContent === 'test').map(key => !key.hidden);
  hear(everything);
  assert.deepEqual(named(), [true, true]);
  hear({ ...everything, tested: false });
  assert.deepEqual(named(), [false, false]);
});

test('a refused setting goes back to what is in force', () => {
  const { root, sent, hear } = open();
  hear(everything);
  const field = root.querySelector<HTMLInputElement>('.mc-number');
  assert.ok(field);
  field.value = 'abc';
  field.dispatchEvent(new window.Event('change'));
  assert.match(root.querySelector('.mc-wrong')?.textContent ?? '', /this is "abc"/);
  assert.notEqual(sent.at(-1)?.t, 'lr');
  hear({ t: 'problem', text: '<i>no</i>' });
  assert.equal(field.value, '0.01');
  assert.equal(root.querySelector('.mc-problem i'), null);
  assert.match(root.querySelector('.mc-problem')?.textContent ?? '', /<i>no<\/i>/);
});

test('NaN is an alarm, an early stop is not', () => {
  const { root, hear } = open();
  hear(everything);
  hear({ t: 'news', curves: {}, status: { ...status, notice: 'The test loss ...' } });
  assert.equal(root.querySelector<HTMLElement>('.mc-problem')?.hidden, true);
  assert.match(root.querySelector('.mc-says')?.textContent ?? '', /The test loss/);
  hear({ t: 'news', curves: {}, status: { ...status, notice: 'No number', alarm: true } });
  assert.equal(root.querySelector<HTMLElement>('.mc-problem')?.hidden, false);
});

test('a tab is asked for, and its answer drawn', () => {
  const { root, sent, hear } = open();
  hear(everything);
  press(root, 'Confusion');
  assert.deepEqual([sent.at(-1)?.t, sent.at(-1)?.['name']], ['tab', 'confusion']);
  hear({
    t: 'look', tab: 'confusion', step: 3, table: [[5, 1], [0, 4]], labels: ['cat', 'dog'],
    members: { '0,1': [7] }, right: 9, count: 10, source: 'test',
    what: 'examples'
  });
  assert.match(root.textContent ?? '', /9 of 10 test examples are right: 90\.0\u00a0%/);
  const wrong = [...root.querySelectorAll('button')]
    .find(each => each.getAttribute('aria-label') === '1 times cat taken for dog');
  wrong?.click();
  assert.deepEqual(sent.at(-1)?.['numbers'], [7]);
  hear({ t: 'look', tab: 'predictions', source: 'test', examples: [
    { number: 7, words: '1 2', target: 'cat', said: 'dog', share: 0.75, right: false }] });
  const tile = root.querySelector('.mc-tile');
  assert.equal(tile?.querySelector('figcaption')?.textContent, '\u2717 says dog75 % sureit is cat');
  assert.match(root.textContent ?? '', /Examples of cat taken for dog\./);
});

test('the numbers under the pointer stay there while new ones come', async () => {
  const drawn = (): Promise<void> => new Promise(done => setTimeout(done, 0));
  const { view, root, hear } = open();
  hear(everything);
  await drawn();
  const [chart, reading] = [root.querySelector('.mc-chart'), root.querySelector('.mc-reading')];
  assert.ok(chart && reading);
  chart.getBoundingClientRect = () => new window.DOMRect(0, 0, 320, 150) as DOMRect;
  const move = (kind: string): boolean =>
    chart.dispatchEvent(new window.MouseEvent(kind, { clientX: 60, bubbles: true }));
  move('pointermove');
  assert.equal(reading.textContent, 'step 1: batch 0.5');
  hear({ t: 'news', curves: { loss: [[3, 0.25]] }, status });
  await drawn();
  assert.equal(reading.textContent, 'step 1: batch 0.5');
  move('pointerleave');
  assert.equal(reading.textContent, 'now: batch 0.25');
  view.dispose();
});

test('a look that cannot be had is explained', () => {
  const { root, hear } = open();
  hear(everything);
  for (const tab of ['confusion', 'inside', 'spread', 'predictions']) {
    hear({ t: 'look', tab, step: 0, reason: `no ${tab}` });
    assert.match(root.textContent ?? '', new RegExp(`no ${tab}`));
  }
});

test('a table of confusions says of what', () => {
  const found = { table: [[5, 1], [0, 4]], labels: ['a', 'b'], members: {}, right: 9, count: 10,
    source: 'data', what: 'examples', of: 12 } as const;
  const said = (more: object): string =>
    pages.confusion({ ...found, ...more }, () => undefined).textContent ?? '';
  assert.match(said({}), /^9 of 10 training examples \(the first ones of 12\) are right/);
  assert.match(said({ what: 'positions', of: undefined, source: 'test' }),
    /^9 of 10 positions in test examples are right/);
});

test('histograms and layers name what they show', () => {
  const bars = { counts: [1, 3], low: -1, high: 2, strange: 1 };
  const spread = pages.spread({ layers: [{ name: 'l1/W', shape: [2, 2], weights: bars }] });
  assert.match(spread.textContent ?? '', /l1\/W 2 × 2weights -1 to 2, 1 are no numbers/);
  const alike = { name: 'l1/b', shape: [1], weights: { ...bars, high: -1, strange: 0 } };
  assert.match(pages.spread({ layers: [alike] }).textContent ?? '', /weights -1$/);
  const grid = { rows: 2, columns: 3, map: 'sign' as const, values: [0, 1, null, 2, 3, 4] };
  const nodes = pages.inside({
    parts: [{ name: 'rnn', kind: 'time', what: 'LSTM', count: 2, grids: [grid] }],
    example: { number: 4, words: '1 2 3' }, count: 9
  });
  const words = nodes.map(node => node.textContent).join(' ');
  assert.match(words, /Example 41 2 3 rnn LSTM: what it gives over time/);
});

test('a sentence of ones own is sent with the tab that answers it, and its answer stays', () => {
  const { root, sent, hear } = open();
  hear(everything);
  const field = root.querySelector<HTMLInputElement>('.mc-sentencefield');
  assert.equal(field?.closest('label')?.hidden, false);
  if (field === null) return;
  field.value = ' so good ';
  press(root, 'Predictions');
  assert.deepEqual(sent.at(-1), { t: 'tab', name: 'predictions', sentence: 'so good' });
  hear({ t: 'look', tab: 'predictions', examples: [], source: 'test',
    own: { number: 0, words: 'so good', sentence: true, said: 'yes', share: 0.9, note: 'All known' }
  });
  const own = root.querySelector('.mc-own')?.textContent ?? '';
  assert.match(own, /\u201cso good\u201dsays yes90 % sureAll known/);
  press(root, 'Weights');
  assert.deepEqual(sent.at(-1), { t: 'tab', name: 'spread' });
  hear({ ...everything, reads: false });
  assert.equal(field.closest('label')?.hidden, true);
});

test('a sentence is shown in words, and a word stands over each step', () => {
  const grid = { rows: 2, columns: 3, map: 'sign' as const, values: [0, 1, null, 2, 3, 4] };
  const [example, part] = pages.inside({
    parts: [{ name: 'rnn', kind: 'time', what: 'LSTM', count: 2, grids: [grid],
      steps: ['\u00b7', 'good', '<b>'] }],
    example: { number: 4, words: 'so good', sentence: true }, count: 9
  }) as HTMLElement[];
  assert.equal(example?.querySelector('.mc-said')?.textContent, '\u201cso good\u201d');
  const steps = [...part?.querySelectorAll('.mc-steps span') ?? []];
  assert.deepEqual(steps.map(step => step.textContent), ['\u00b7', 'good', '<b>']);
  assert.match(part?.textContent ?? '', /; \u00b7 is padding/);
});

test('the line beside the buttons tells the stage of a batch', () => {
  const backward: Status = { ...status, stage: 'backward', loss: 0.25, length: 2, step: 4 };
  assert.equal(counts(backward, String), 'step 4, epoch 0.0, loss of this batch 0.25, '
    + 'gradient norm 2');
  assert.match(saying(backward), /Step changes the weights/);
  assert.match(saying({ ...status, followed: true }), /A Trainer/);
  assert.equal(saying(status), '');
});
