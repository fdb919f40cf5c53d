import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LIMITS, parseGraph, parseMessage } from './protocol';
import { cnn, lstm, messages, mlp } from './samples';

const NODE = { id: 1, kind: 'function', label: 'exp', inputs: [] };
const batch = (more: object): object => ({ t: 'batch', run: 0, seq: 0, ...more });

function refusal(message: unknown): string {
  const parsed = parseMessage(message);
  assert.equal(parsed.ok, false);
  return parsed.ok ? '' : parsed.error;
}

test('graphs and messages of whole runs are accepted', () => {
  for (const sample of [mlp(), cnn(), lstm(3)]) {
    assert.equal(parseGraph(sample.graph('a net')).ok, true);
    for (const message of messages(sample, 1, 5)) assert.equal(parseMessage(message).ok, true);
  }
});

test('what is not an object, or of an unknown kind, is refused with one sentence', () => {
  for (const junk of [
    null,
    undefined,
    3,
    'batch',
    [],
    () => 1,
    { t: 'eval' },
    { t: { a: 1 } },
    {}
  ]) {
    const words = refusal(junk);
    assert.match(words, /^[A-Z].*\.$/s);
    assert.ok(words.length < 200, words);
  }
});

test('a refusal names the field, what was wanted and what came', () => {
  const words = refusal(batch({ nodes: [NODE, { ...NODE, id: '7' }] }));
  assert.equal(words, 'batch.nodes[1].id should be a whole number from 0, but is the text "7".');
});

test('wrong types are refused wherever they stand', () => {
  const wrong = [
    { nodes: 'all' },
    { nodes: [null] },
    { nodes: [{ ...NODE, kind: 'script' }] },
    { nodes: [{ ...NODE, id: -1 }] },
    { nodes: [{ ...NODE, id: 1e300 }] },
    { nodes: [{ ...NODE, id: Number.NaN }] },
    { nodes: [{ kind: 'function', label: 'no id' }] },
    { nodes: [{ ...NODE, inputs: [[1]] }] },
    { nodes: [{ ...NODE, inputs: [['1', 0, true]] }] },
    { nodes: [{ ...NODE, shapes: [[2, 'x']] }] },
    { nodes: [{ ...NODE, shapes: [new Array(100).fill(1)] }] },
    { nodes: [{ ...NODE, seconds: Infinity }] },
    { nodes: [{ ...NODE, stats: [{ min: 'low' }] }] },
    { nodes: [{ ...NODE, where: 'line 3' }] },
    { backward: [{ norm: 1 }] },
    { backward: [{ id: 1, norm: Number.NaN }] },
    { released: [{}] },
    { phase: 'sideways' },
    { scopes: [{ id: 2, parent: 2, path: 'a', link: 'A', call: 1 }] },
    { scopes: [{ id: 2, parent: 9, path: 'a', link: 'A', call: 1 }] }
  ];
  for (const each of wrong) refusal(batch(each));
});

test('a huge list is refused and a long text is cut', () => {
  refusal(batch({ released: new Array(LIMITS.list + 1).fill(1) }));
  const long = parseMessage(batch({ nodes: [{ ...NODE, label: 'x'.repeat(1e6) }] }));
  assert.ok(long.ok && long.value.t === 'batch');
  assert.equal(long.value.nodes[0]?.label.length, LIMITS.text);
});

test('names are taken as they are: markup is no business of the protocol', () => {
  const label = '<script>alert(1)</script>';
  const parsed = parseMessage(batch({ nodes: [{ ...NODE, label }] }));
  assert.ok(parsed.ok && parsed.value.t === 'batch');
  assert.equal(parsed.value.nodes[0]?.label, label);
});

test('an object that throws when read gives a sentence, not an exception', () => {
  const trap = {
    get t(): string {
      throw new Error('boom');
    }
  };
  assert.equal(refusal(trap), 'A message could not be read.');
});

test('a graph of another version is refused', () => {
  assert.equal(parseGraph({ ...mlp().graph(), version: 2 }).ok, false);
  assert.equal(parseGraph({ ...mlp().graph(), format: 'onnx' }).ok, false);
});

test('a histogram without counts is an answer in words', () => {
  const parsed = parseMessage({ t: 'answer', id: 1, what: 'histogram', data: {}, text: 'gone' });
  assert.ok(parsed.ok && parsed.value.t === 'answer');
  assert.equal(parsed.value.histogram, null);
});
