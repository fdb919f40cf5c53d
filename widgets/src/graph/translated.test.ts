/** Nothing that the picture says gets past the translator. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JSDOM } from 'jsdom';

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

const ATTRIBUTES = ['title', 'aria-label', 'aria-description', 'placeholder', 'alt'];
const LETTERS = /\p{L}{2,}/gu;
/** What comes from the user's program, and is the same in every language. */
const GIVEN = new Set(['zzx', 'zzW', 'zzexp', 'zzlinear', 'zzfc', 'ZzLinear', 'zzsum', 'zzcpu',
  'zzdtype', 'zzline', 'zztitle', 'mul', 'add', 'exp', 'log', 'SVG', 'PNG', 'KiB', 'ms', 'NaN']);

/** A language without letters: what still has some was not translated. */
const translate = (text: string): string => text.replace(/\p{L}/gu, '\u00b7');

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

/** Words that the page shows, or tells a screen reader, and that nobody has translated. */
function untranslated(): string[] {
  const found: string[] = [];
  for (const element of window.document.querySelectorAll('*')) {
    if (element.closest('script, style, .mc-code') !== null) continue;
    const own = [...element.childNodes].filter(node => node.nodeType === 3);
    const shown = own.map(node => node.textContent ?? '');
    const told = ATTRIBUTES.map(name => element.getAttribute(name) ?? '');
    found.push(...[...shown, ...told].flatMap(text => text.match(LETTERS) ?? []));
  }
  return [...new Set(found)].filter(word => !GIVEN.has(word));
}

test('every word of the picture, its tools and its card is translated', async () => {
  const host = window.document.getElementById('host') as unknown as HTMLElement;
  const view = new GraphView(host, { send: () => undefined, translate });
  assert.deepEqual(untranslated(), [], 'the example');
  for (const failed of [false, true]) {
    view.receive({ t: 'state', run: 1, graph: sample(failed).graph('zztitle') });
    await new Promise(resolve => setTimeout(resolve, 20));
    assert.deepEqual(untranslated(), [], 'the picture');
    for (const press of host.querySelectorAll<HTMLElement>('.mc-controls button')) {
      press.click();
      assert.deepEqual(untranslated(), [], press.title);
    }
    for (const id of [1, 2, 4, 6, 7, 8]) {
      view.selectNode(id);
      const data = { counts: [1, 2], edges: [0, 1, 2] };
      view.receive({ t: 'answer', id, what: 'histogram', data, text: '' });
      assert.deepEqual(untranslated(), [], `the card of ${id}`);
    }
  }
  view.dispose();
});
