import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MAX_NODES, Model } from './model';
import { parseMessage, type KernelMessage } from './protocol';
import { chain, messages, mlp, Sample } from './samples';

function read(message: unknown): KernelMessage {
  const parsed = parseMessage(message);
  if (!parsed.ok) assert.fail(parsed.error);
  return parsed.value;
}

function batch(seq: number, more: object = {}, run = 1): KernelMessage {
  return read({ t: 'batch', run, seq, ...more });
}

const leaf = (id: number): object => ({ id, kind: 'variable', label: `v${id}` });
const apply = (id: number, ...sources: number[]): object => ({
  id,
  kind: 'function',
  label: 'add',
  inputs: sources.map(source => [source, 0, true])
});

test('a run builds the graph, then the next run replaces it with its first batch', () => {
  const model = new Model();
  for (const message of messages(mlp(), 1, 4)) model.apply(read(message));
  assert.equal(model.nodes.size, 14);
  assert.equal(model.phase, 'idle');
  model.apply(read({ t: 'begin', run: 2, title: 'again' }));
  assert.equal(model.nodes.size, 14);
  const change = model.apply(batch(0, { nodes: [leaf(1)], phase: 'forward' }, 2));
  assert.equal(change.reset, true);
  assert.equal(model.nodes.size, 1);
  assert.equal(model.title, 'again');
});

test('a gap in the numbers of batches asks for the whole state', () => {
  const model = new Model();
  assert.equal(model.apply(batch(0, { nodes: [leaf(1)] })).lost, false);
  assert.equal(model.apply(batch(1, { nodes: [leaf(2)] })).lost, false);
  assert.equal(model.apply(batch(3, { nodes: [leaf(4)] })).lost, true);
  const graph = {
    format: 'minichain-graph',
    version: 1,
    nodes: [leaf(1), leaf(2), leaf(3), leaf(4)]
  };
  const change = model.apply(read({ t: 'state', run: 1, graph, phase: 'forward' }));
  assert.equal(change.reset, true);
  assert.equal(model.nodes.size, 4);
  assert.equal(model.apply(batch(9, { nodes: [leaf(9)] })).lost, false);
  assert.equal(model.apply(batch(10, { nodes: [leaf(10)] })).lost, false);
});

test('a batch that comes twice, or from an older run, changes nothing', () => {
  const model = new Model();
  model.apply(batch(0, { nodes: [leaf(1)] }, 5));
  assert.equal(model.apply(batch(0, { nodes: [leaf(2)] }, 5)).nodes.length, 0);
  assert.equal(model.apply(batch(9, { nodes: [leaf(3)] }, 4)).nodes.length, 0);
  assert.equal(model.nodes.size, 1);
});

test('an unknown input is left out and asks for the state', () => {
  const model = new Model();
  const change = model.apply(batch(0, { nodes: [leaf(2), apply(3, 1, 2)] }));
  assert.equal(change.lost, true);
  assert.deepEqual(
    model.nodes.get(3)?.inputs.map(input => input.source),
    [2]
  );
});

test('cycles cannot arise: later functions and itself are no inputs', () => {
  const model = new Model();
  const nodes = [apply(1, 3), apply(2, 2), apply(3, 2, 1)];
  const change = model.apply(batch(0, { nodes }));
  assert.match(change.complaint ?? '', /later node/);
  assert.equal(change.lost, false);
  for (const node of model.nodes.values()) {
    for (const input of node.inputs) assert.ok(input.source < node.id);
  }
});

test('a leaf may stand after the function that reads it', () => {
  const model = new Model();
  model.apply(batch(0, { nodes: [apply(1, 2), leaf(2)] }));
  assert.deepEqual(model.consumersOf(2), [1]);
});

test('backward lights nodes, and the largest norm is known', () => {
  const model = new Model();
  model.apply(batch(0, { nodes: [leaf(1), apply(2, 1), apply(3, 2)], phase: 'forward' }));
  const backward = [
    { id: 3, norm: 1, nan: 0 },
    { id: 2, norm: 0.001, nan: 0 },
    { id: 1, norm: 0, nan: 2 },
    { id: 77, norm: 5, nan: 0 }
  ];
  const change = model.apply(batch(1, { backward, phase: 'backward' }));
  assert.deepEqual([...change.touched].sort(), [1, 2, 3]);
  assert.equal(model.highest, 1);
  assert.equal(model.gradients.get(1)?.nan, 2);
});

test('released and updated nodes are marked, unknown ones are ignored', () => {
  const model = new Model();
  model.apply(batch(0, { nodes: [leaf(1), apply(2, 1)] }));
  const change = model.apply(batch(1, { released: [2, 99], updates: [1, 98] }));
  assert.deepEqual([...model.released], [2]);
  assert.deepEqual([...model.updated], [1]);
  assert.deepEqual([...change.touched].sort(), [1, 2]);
});

test('memory is bounded: further nodes are counted, not kept', () => {
  const model = new Model();
  const sample = chain(MAX_NODES + 500);
  for (const message of messages(sample, 1, 10_000, false)) model.apply(read(message));
  assert.equal(model.nodes.size, MAX_NODES);
  assert.equal(model.truncated, sample.nodes.length - MAX_NODES);
});

test('an error that no operation raised marks none', () => {
  const model = new Model();
  model.apply(batch(0, { nodes: [leaf(1), apply(2, 1)] }));
  model.apply(read({ t: 'error', text: 'ZeroDivisionError', id: 2 }));
  assert.equal(model.failed.size, 0);
});

test('the operation that raised is drawn behind the last node, and takes no number', () => {
  const model = new Model();
  model.apply(batch(0, { nodes: [leaf(1), apply(2, 1)] }));
  const operation = { label: 'add', symbol: '+', inputs: [[2, 0], [1, 0]] };
  const change = model.apply(read({ t: 'error', text: 'shapes differ', id: 2, operation }));
  assert.deepEqual([...model.failed], [2.5]);
  assert.deepEqual(change.nodes.map(node => [node.label, node.inputs.length]), [['add', 2]]);
  model.apply(batch(1, { nodes: [apply(3, 2)] }));
  assert.equal(model.nodes.size, 4);
});

test('a picture has room for many that raised, each once', () => {
  const model = new Model();
  model.apply(batch(0, { nodes: [leaf(1), apply(2, 1)] }));
  for (const label of ['add', 'mul', 'add', 'matmul']) {
    const operation = { label, symbol: '', inputs: [[2, 0]] };
    model.apply(read({ t: 'error', text: 'shapes differ', id: 2, operation }));
  }
  assert.deepEqual([...model.failed].map(id => model.nodes.get(id)?.label),
    ['add', 'mul', 'matmul']);
  model.apply(batch(1, { nodes: [apply(3, 2)] }));
  assert.equal(model.nodes.get(3)?.inputs.length, 1);
});

test('a scope with an unknown parent becomes a root', () => {
  const model = new Model();
  const sample = new Sample();
  sample.scope('a', 'A', () => sample.scope('a/b', 'B', () => sample.leaf('data', 'x', [1])));
  const scopes = sample.scopes.slice(1);
  model.apply(batch(0, { scopes }));
  assert.equal(model.scopes.get(2)?.parent, null);
});
