/**
 * A saved notebook, and a kernel too, may tell a widget anything. Each one is told what Python
 * tells, and then the same again with something wrong in it, one place after the other.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AnyWidget } from '@anywidget/types';
import { JSDOM } from 'jsdom';

import BackpropStepper from './backpropstepper';
import ConvExplorer from './convexplorer';
import DeviceSwitch from './deviceswitch';
import LiveGraph from './livegraph';
import NetBuilder from './netbuilder';
import told from './told.json';
import TrainingRun from './trainingrun';
import Unroller from './unroller';
import WasteMeter from './wastemeter';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Object = { [name: string]: Json };
interface Sample { traits: Object; messages: Object[] }

const WIDGETS = { BackpropStepper, ConvExplorer, DeviceSwitch, LiveGraph, NetBuilder, TrainingRun,
  Unroller, WasteMeter };
const names = Object.keys(WIDGETS) as (keyof typeof WIDGETS)[];
const samples = told as unknown as Record<keyof typeof WIDGETS, Sample[]>;

const HTML = '"><img src=x onerror="globalThis.broken = true"><script>broken = true</script>';
let deep: Json = [];
for (let k = 0; k < 20_000; k++) deep = [deep];
const HOSTILE: readonly Json[] = [
  null, true, -1, 0, 0.5, NaN, Infinity, 1e308, 2 ** 53, '', 'x', HTML, 'constructor', {}, [], deep,
  [[]], [null], { t: 'state' }, JSON.parse('{"__proto__": {"broken": true}, "length": 1e9}'),
  new Array(1_000_000).fill(0)
];

/** What waits for the next frame. */
const waiting = new Map<number, () => void>();
let last = 0;
function frame(): void {
  const now = [...waiting.values()];
  waiting.clear();
  now.forEach(run => run());
}

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, {
  window, document: window.document, Element: window.Element, Node: window.Node,
  HTMLElement: window.HTMLElement, HTMLInputElement: window.HTMLInputElement,
  CustomEvent: window.CustomEvent, AbortController: window.AbortController,
  getComputedStyle: window.getComputedStyle,
  requestAnimationFrame: (run: () => void) => {
    waiting.set(++last, run);
    return last;
  },
  cancelAnimationFrame: (id: number) => waiting.delete(id)
});
window.HTMLCanvasElement.prototype.getContext = () => null;
window.Element.prototype.scrollIntoView = () => undefined;
const { body } = window.document;

/** A widget with these traits; `hear` tells it a message and answers with what it complains of. */
function open(name: keyof typeof WIDGETS, traits: Object): {
  hear(message: Json): string; problem(): string; close(): void;
} {
  const heard = new Map<string, Set<(value: unknown) => void>>();
  const model = {
    get: (key: string) => traits[key],
    set: (key: string, value: Json) => { traits[key] = value; },
    save_changes: () => undefined, send: () => undefined,
    on: (event: string, act: (value: unknown) => void) =>
      heard.set(event, (heard.get(event) ?? new Set()).add(act)),
    off: (event: string, act: (value: unknown) => void) => heard.get(event)?.delete(act),
    widget_manager: {
      get_model: async (id: string) => id,
      create_view: async () =>
        ({ el: window.document.createElement('div'), remove: () => undefined })
    }
  };
  body.replaceChildren();
  const { render } = WIDGETS[name] as AnyWidget & { render: (context: unknown) => () => void };
  const close = render({ model, el: body });
  const problem = (): string => {
    const alarm = body.querySelector<HTMLElement>('.mc-problem, .mc-alarm');
    return alarm === null || alarm.hidden ? '' : (alarm.textContent ?? '');
  };
  return {
    problem, close,
    hear: message => {
      heard.get('msg:custom')?.forEach(act => act(message));
      frame();
      return problem();
    }
  };
}

function checkPage(): void {
  assert.equal(body.querySelector('img, script, iframe, object, a[href^="javascript"]'), null);
  assert.equal('broken' in globalThis, false);
  assert.equal('broken' in {}, false);
}

/**
 * A value again and again, each time with another thing at another place: the first two levels get
 * all that is hostile, those below it in turn. Of lists the ends are spoiled.
 */
let turn = 0;
function* spoiled(value: Json, level = 0): Generator<Json> {
  const each = level < 2 ? HOSTILE.length : 2;
  for (let k = 0; k < each; k++) yield HOSTILE[turn++ % HOSTILE.length] ?? null;
  if (typeof value !== 'object' || value === null) return;
  const keys = Object.keys(value);
  const some = Array.isArray(value) ? [...new Set([keys[0], keys.at(-1)])] : keys;
  for (const key of some) {
    if (key === undefined) continue;
    const inside = (value as Object)[key] ?? null;
    const without: Json = Array.isArray(value) ? value.slice(1) : { ...value };
    if (!Array.isArray(without)) delete without[key];
    yield without;
    for (const other of spoiled(inside, level + 1)) {
      const copy: Json = Array.isArray(value) ? [...value] : { ...value };
      (copy as Object)[key] = other;
      yield copy;
    }
  }
}

for (const name of names) {
  test(`${name} shows what Python tells without a complaint`, () => {
    for (const { traits, messages } of samples[name]) {
      const widget = open(name, { ...traits });
      const own = messages.filter(message => message['t'] === 'problem').map(each => each['text']);
      for (const message of messages) {
        const words = widget.hear(message);
        assert.ok(words === '' || own.some(text => words.startsWith(String(text))), words);
      }
      widget.close();
    }
  });

  test(`${name} refuses messages with something wrong in them, or draws them as text`, () => {
    let refused = 0;
    for (const { traits, messages } of samples[name]) {
      const widget = open(name, { ...traits });
      for (const message of messages) {
        widget.hear(message);
        for (const wrong of spoiled(message)) {
          const known = typeof wrong === 'object' && wrong !== null && !Array.isArray(wrong);
          const words = widget.hear(known ? { ...wrong, t: message['t'] ?? null } : wrong);
          if (/ should be /.test(words)) refused++;
          assert.ok(words.length < 4_000);
        }
        checkPage();
      }
      widget.close();
    }
    assert.ok(refused > 50 || name === 'BackpropStepper', String(refused));    // it hears of little
  });

  test(`${name} bears what a saved notebook holds in its traits`, () => {
    let refused = 0;
    for (const { traits } of samples[name]) {
      for (const wrong of spoiled(traits)) {
        if (typeof wrong !== 'object' || wrong === null || Array.isArray(wrong)) continue;
        const widget = open(name, wrong);
        if (/ should be /.test(widget.problem())) refused++;
        checkPage();
        widget.close();
      }
    }
    assert.ok(refused > 100 || name !== 'BackpropStepper', String(refused));
  });
}
