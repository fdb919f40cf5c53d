import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Sample } from '../../graph/samples';
import { LONGEST, readStored } from './stored';

const english = {
  __: (text: string, ...values: unknown[]) =>
    text.replace(/%(\d)/g, (_, index: string) => String(values[Number(index) - 1]))
};

function good(): Record<string, unknown> {
  const sample = new Sample();
  sample.apply('exp', 'exp', [sample.leaf('variable', 'x', [2])], [2]);
  return sample.graph();
}

function problemOf(data: unknown): string {
  const stored = readStored(data, english);
  return 'problem' in stored ? stored.problem : '';
}

test('a stored graph is read from text and from an object, and has a title', () => {
  for (const data of [good(), JSON.stringify(good())]) {
    const stored = readStored(data, english);
    assert.ok('graph' in stored);
    assert.equal((stored.graph as { title: unknown }).title, 'Stored graph');
  }
});

test('what is too long or has too many nodes is refused before it is read', () => {
  assert.match(problemOf('x'.repeat(LONGEST + 1)), /4\.8 MiB; at most 4\.8 MiB are drawn/);
  assert.match(problemOf({ nodes: new Array(20_001).fill(null) }), /20001 nodes; at most 20000/);
});

test('whatever else is no graph gets a sentence', () => {
  assert.match(problemOf('{"format": "minichain-gra'), /no JSON/);
  assert.match(problemOf('['.repeat(1e6)), /no JSON/);
  assert.match(problemOf(`{"nodes": ${'['.repeat(1e4)}${']'.repeat(1e4)}}`), /should be /);
  assert.match(problemOf(null), /should be an object, but is null/);
  assert.match(problemOf([good()]), /should be an object, but is a list/);
  assert.match(problemOf({ ...good(), version: 2 }), /version should be 1, but is 2/);
  const nodes = [{ id: 1, kind: '<img src=x>' }];
  assert.match(problemOf({ ...good(), nodes }), /kind should be one of function/);
});
