import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Letters } from './letters';
import example from './letters.example.json';
import { Model } from './model';
import { parseMessage } from './protocol';
import { Sample } from './samples';

test('shapes have the letters that the still picture gives them', () => {
  const message = parseMessage({
    t: 'state', run: 1, graph: example.graph, phase: 'idle', released: [], updates: []
  });
  assert.ok(message.ok);
  const model = new Model();
  const letters = new Letters(model);
  const change = model.apply(message.value);
  for (const node of change.nodes) if (node.kind === 'function') letters.learn(node);
  const texts = Object.fromEntries([...model.nodes.values()]
    .filter(node => (node.shapes[0]?.length ?? 0) > 0)
    .map(node => [String(node.id), letters.shape(node)]));
  assert.deepEqual(texts, example.texts);
  assert.ok(Object.keys(texts).length > 8);
});

test('an operation may have the name of anything', () => {
  const sample = new Sample();
  sample.apply('constructor', '', [sample.leaf('variable', 'x', [2])], [2]);
  const message = parseMessage({ t: 'state', run: 1, graph: sample.graph() });
  assert.ok(message.ok);
  const model = new Model();
  const letters = new Letters(model);
  const [, node] = model.apply(message.value).nodes;
  assert.ok(node);
  letters.learn(node);
  assert.equal(letters.shape(node), '2');
});
