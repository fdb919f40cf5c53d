/** Nothing that the picture says gets past the translator. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JSDOM } from 'jsdom';

import { wordless, wordsIn } from '../kit/wordless';
import { GraphView } from './index';
import { Sample } from './samples';

const { window } = new JSDOM('<div id="host"></div>');
Object.assign(globalThis, {
  window,
  document: window.document,
  Element: window.Element,
  AbortController: window.AbortController,
  requestAnimationFrame: (run: () => void) => window.setTimeout(run),
  cancelAnimationFrame: (id: number) => window.clearTimeout(id)
});

/** What is the same in every language: units, kinds of files, operations of the example. */
const SAME = ['mul', 'add', 'exp', 'log', 'SVG', 'PNG', 'KiB', 'ms', 'NaN'];

function sample(failed: boolean): Sample {
  const made = new Sample();
  const facts = {
    device: 'zzcpu', dtypes: ['zzdtype'], source: { file: 'zzfile', line: 3, text: 'zzline' },
    bytes_kept: 2048, seconds: 0.01, macs: 9, mean: 1, std: 2, min: 0, max: 3, nan: failed ? 2 : 0
  };
  const x = made.leaf('data', 'zzx', [2, 3], facts);
  const W = made.leaf('parameter', 'zzW', [4, 3], facts);
  const layer = (input: number): number =>
    made.scope('zzfc', 'ZzLinear', () => made.apply('zzlinear', '', [input, W], [2, 4], facts));
  const y = made.apply('zzexp', '', [layer(layer(x))], [2, 4], { ...facts, keeps: ['y'] });
  made.apply('zzsum', '', [y], [], facts);
  made.lightAll();
  return made;
}

function untranslated(host: HTMLElement): string[] {
  return wordsIn(host).filter(word => !SAME.includes(word));
}

test('every word of the picture, its tools and its card is translated', async () => {
  const host = window.document.getElementById('host') as unknown as HTMLElement;
  const view = new GraphView(host, { send: () => undefined, translate: wordless });
  assert.deepEqual(untranslated(host), [], 'the example');
  for (const failed of [false, true]) {
    view.receive({ t: 'state', run: 1, graph: sample(failed).graph('zztitle') });
    await new Promise(resolve => setTimeout(resolve, 20));
    assert.deepEqual(untranslated(host), [], 'the picture');
    for (const press of host.querySelectorAll<HTMLElement>('.mc-controls button')) {
      press.click();
      assert.deepEqual(untranslated(host), [], press.title);
    }
    for (const id of [1, 2, 4, 6, 7, 8]) {
      view.selectNode(id);
      const data = { counts: [1, 2], edges: [0, 1, 2] };
      view.receive({ t: 'answer', id, what: 'histogram', data, text: '' });
      assert.deepEqual(untranslated(host), [], `the card of ${id}`);
    }
  }
  view.dispose();
});
