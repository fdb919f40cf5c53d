import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JSDOM } from 'jsdom';

import { GraphView, type FrontMessage } from './index';
import { lstm, messages, mlp, Sample } from './samples';

/** A view in a made-up page; `frame` runs what waits for the next frame. */
function open(options: { hint?: string } = {}): {
  view: GraphView;
  host: HTMLElement;
  sent: FrontMessage[];
  frame(): void;
} {
  const { window } = new JSDOM('<div id="host"></div>');
  const waiting = new Map<number, () => void>();
  let last = 0;
  Object.assign(globalThis, {
    window,
    document: window.document,
    Element: window.Element,
    AbortController: window.AbortController,
    requestAnimationFrame: (run: () => void) => {
      waiting.set(++last, run);
      return last;
    },
    cancelAnimationFrame: (id: number) => waiting.delete(id)
  });
  const host = window.document.getElementById('host') as HTMLElement;
  const sent: FrontMessage[] = [];
  const view = new GraphView(host, { send: message => sent.push(message), ...options });
  const frame = (): void => {
    const now = [...waiting.values()];
    waiting.clear();
    now.forEach(run => run());
  };
  return { view, host, sent, frame };
}

function feed(view: GraphView, sample: Sample, run = 1): void {
  for (const message of messages(sample, run, 20)) view.receive(message);
}

const boxes = (host: HTMLElement, kind: string): Element[] => [
  ...host.querySelectorAll(`.mc-scene .mc-surface .mc-${kind}`)
];

function click(element: Element | null | undefined): void {
  assert.ok(element, 'nothing to click');
  element.dispatchEvent(new window.MouseEvent('click', { bubbles: true }));
}

function press(host: HTMLElement, key: string): void {
  const surface = host.querySelector('.mc-surface');
  surface?.dispatchEvent(new window.KeyboardEvent('keydown', { key, bubbles: true }));
}

test('an empty view shows an example and asks for the state', () => {
  const { host, sent } = open();
  assert.deepEqual(sent, [{ t: 'ready' }]);
  assert.equal(boxes(host, 'function').length, 3);
  assert.match(host.querySelector('.mc-hint')?.textContent ?? '', /Run a cell/);
  assert.match(host.querySelector('.mc-code')?.textContent ?? '', /F\.exp/);
});

test('the first batch replaces the example; clearing brings it back with the reason', () => {
  const { view, host, frame } = open();
  feed(view, mlp());
  assert.ok(host.querySelector('.mc-example'), 'its boxes still stand there');
  frame();
  assert.equal(boxes(host, 'function').length, 6);
  assert.equal(host.querySelector('.mc-example'), null);
  view.clear('The kernel was restarted.');
  assert.equal(boxes(host, 'function').length, 3);
  assert.match(host.querySelector('.mc-status')?.textContent ?? '', /restarted/);
});

test('messages are drawn once a frame, not once each', () => {
  const { view, host, frame } = open();
  feed(view, mlp());
  assert.equal(boxes(host, 'function').length, 3);
  frame();
  assert.equal(boxes(host, 'lit').length, 12);
  assert.equal(boxes(host, 'updated').length, 6);
});

test('the card that is drawn again while a graph grows keeps the focus', () => {
  const { view, host, frame } = open();
  const all = messages(mlp(), 1, 4);
  all.slice(0, 3).forEach(message => view.receive(message));
  frame();
  click(boxes(host, 'function')[0]);
  const ask = (): HTMLElement | undefined => host.querySelectorAll<HTMLElement>(
    '.mc-card button')[1];
  const before = ask();
  before?.focus();
  all.slice(3).forEach(message => view.receive(message));
  frame();
  assert.notEqual(ask(), before);
  assert.equal(document.activeElement, ask());
});

test('names from user code become text, never markup', () => {
  const { view, host, frame } = open();
  const evil = '<img src=x onerror=alert(1)><script>alert(2)</script>';
  const sample = new Sample();
  sample.scope(evil, evil, () => {
    const x = sample.leaf('variable', evil, [2], { values: evil });
    const where = { file: evil, line: 1, code: evil };
    sample.apply(evil, evil, [x], [2], { where, dtypes: [evil], device: evil });
  });
  feed(view, sample);
  view.receive({ t: 'note', text: evil });
  frame();
  click(boxes(host, 'function')[0]);
  view.receive({ t: 'answer', id: 3, what: 'values', data: null, text: evil });
  assert.equal(host.querySelector('img, script'), null);
  assert.ok(host.querySelector('.mc-card')?.textContent?.includes(evil));
});

test('hostile messages end in the status line', () => {
  const { view, host } = open();
  for (const junk of [null, 7, { t: 'batch' }, { t: 'state', run: 1, graph: { nodes: 3 } }]) {
    view.receive(junk);
    assert.match(host.querySelector('.mc-status')?.textContent ?? '', /A message was ignored/);
  }
});

test('a lost batch asks for the state, once for a burst', () => {
  const { view, sent } = open();
  for (const seq of [0, 2, 4, 6]) view.receive({ t: 'batch', run: 1, seq });
  assert.deepEqual(sent, [{ t: 'ready' }, { t: 'sync' }]);
});

test('a click shows the details, and its buttons ask the kernel', () => {
  const { view, host, sent, frame } = open();
  feed(view, mlp());
  frame();
  const linear = boxes(host, 'function')[0];
  click(linear);
  const card = host.querySelector('.mc-card');
  for (const words of [
    'linear',
    'l1 (Linear)',
    'N 64, O 128',
    'float32 on cpu',
    'cell [3], line 7'
  ]) {
    assert.ok(card?.textContent?.includes(words), words);
  }
  click(card?.querySelector('.mc-ask'));
  const id = Number(linear?.getAttribute('data-key')?.slice(1));
  assert.deepEqual(sent.at(-1), { t: 'ask', id, what: 'histogram' });
  const data = { counts: [1, 5, 2], edges: [-1, 0, 1, 2] };
  view.receive({ t: 'answer', id, what: 'histogram', data, text: '8 values' });
  assert.equal(card?.querySelectorAll('.mc-histogram rect').length, 3);
  click(card?.querySelector('.mc-close'));
  assert.equal(card?.hasAttribute('hidden'), true);
});

test('a click unfolds a stack to its calls', () => {
  const { view, host, frame } = open();
  feed(view, lstm(100));
  frame();
  assert.equal(boxes(host, 'folded').length, 3);
  click(boxes(host, 'folded')[1]);
  assert.equal(boxes(host, 'folded').length, 102);
});

test('the keyboard walks, tells where it is, folds and shows details', () => {
  const { view, host, frame } = open();
  feed(view, mlp());
  frame();
  const live = host.querySelector('.mc-live');
  press(host, 'ArrowDown');
  assert.match(live?.textContent ?? '', /^linear; N 64, O 128, float32.*Goes to relu/);
  press(host, 'ArrowDown');
  assert.match(live?.textContent ?? '', /^relu/);
  press(host, 'ArrowUp');
  press(host, 'ArrowLeft');
  assert.match(live?.textContent ?? '', /^parameter l1\/[Wb]/);
  press(host, 'Enter');
  assert.match(host.querySelector('.mc-card h3')?.textContent ?? '', /^Parameter l1\/[Wb]/);
  press(host, 'Escape');
  press(host, 'ArrowRight');
  press(host, ' ');
  assert.equal(boxes(host, 'folded').length, 1);
});

test('search marks what fits and walks through it', () => {
  const { view, host, frame } = open();
  feed(view, mlp());
  frame();
  press(host, '/');
  const field = host.querySelector('input');
  assert.ok(field);
  field.value = 'relu';
  field.dispatchEvent(new window.Event('input'));
  assert.equal(boxes(host, 'match').length, 2);
  assert.equal(host.querySelector('.mc-found')?.textContent, '1 / 2');
  field.dispatchEvent(new window.KeyboardEvent('keydown', { key: 'Enter' }));
  assert.equal(host.querySelector('.mc-found')?.textContent, '2 / 2');
});

test('an error marks its node and says why; NaN carries a cross', () => {
  const { view, host, frame } = open();
  const sample = new Sample();
  const x = sample.leaf('variable', 'x', [2]);
  const stats = [{ min: null, max: null, mean: null, std: null, nan: 2, inf: 0 }];
  const y = sample.apply('log', 'log', [x], [2], { stats });
  sample.apply('add', '+', [y], [2]);
  for (const message of messages(sample, 1, 9, false)) view.receive(message);
  const operation = { label: 'mul', symbol: '*', inputs: [[y, 0]] };
  view.receive({ t: 'error', text: 'shapes (2) and (3) differ', id: 3, operation });
  frame();
  assert.equal(boxes(host, 'bad').length, 1);
  assert.equal(boxes(host, 'failed').length, 1);
  assert.equal(boxes(host, 'cross').length, 2);
  assert.match(host.querySelector('.mc-status')?.textContent ?? '', /differ/);
});

test('a weight whose uses were multiplied together says how many, in words as well', () => {
  const { view, host, frame } = open();
  const net = new Sample();
  const x = net.leaf('data', 'x', [4, 3]);
  const w = net.leaf('parameter', 'W', [3, 3]);
  let h = net.apply('linear', 'linear', [x, w], [4, 3]);
  for (let step = 1; step < 5; step++) h = net.apply('linear', 'linear', [h, w], [4, 3]);
  const sent = messages(net, 1, 20);
  for (const message of sent) {
    for (const back of (message['backward'] ?? []) as Record<string, unknown>[]) {
      if (back['id'] === w) back['gathered'] = 5;
    }
    view.receive(message);
  }
  frame();
  const badges = [...host.querySelectorAll('.mc-surface .mc-gathered')];
  assert.deepEqual(
    badges.map(badge => badge.textContent),
    ['\u00d75']
  );
  click(badges[0]?.closest('.mc-box'));
  const words = host.querySelector('.mc-card')?.textContent ?? '';
  assert.match(words, /Shared5 uses: one product gave the gradient of all of them/);
});

test('every control explains itself', () => {
  const { host } = open();
  const controls = [...host.querySelectorAll('button')];
  assert.ok(controls.length >= 9);
  for (const control of controls) {
    assert.ok((control.getAttribute('title') ?? '').length > 5);
    assert.ok((control.getAttribute('aria-label') ?? '').length > 5);
  }
});

test('a disposed view leaves nothing behind and takes no more messages', () => {
  const { view, host, frame } = open();
  feed(view, mlp());
  view.dispose();
  view.dispose();
  view.receive({ t: 'note', text: 'late' });
  frame();
  assert.equal(host.childElementCount, 0);
});

test('the hint of the caller stands under the title of the run', () => {
  const { view, host, frame } = open({ hint: 'Try a longer sentence.' });
  view.receive({ t: 'state', run: 1, graph: mlp().graph('My net'), phase: 'idle' });
  frame();
  assert.equal(host.querySelector('.mc-hint')?.textContent, 'Try a longer sentence.');
  assert.equal(host.querySelector('.mc-title')?.textContent, 'My net');
});
