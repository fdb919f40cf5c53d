import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Model } from '../../graph/model';
import { parseMessage } from '../../graph/protocol';
import { Sample } from '../../graph/samples';
import { gradientSheet, memorySheet, timeSheet, type Words } from './sheets';

const fill = (text: string, values: unknown[]): string =>
  text.replace(/%(\d)/g, (_, index: string) => String(values[Number(index) - 1]));
const english: Words = {
  __: (text, ...values) => fill(text, values),
  _n: (one, many, count, ...values) => fill(count === 1 ? one : many, values)
};

/** x and two weights, a layer, and an operation outside of it. */
function modelOf(more: Record<string, unknown> = {}): Model {
  const sample = new Sample();
  const x = sample.leaf('data', 'x', [2, 3]);
  const W = sample.leaf('parameter', '/fc/W', [4, 3], { dtypes: ['float32'] });
  sample.leaf('parameter', '/fc/b', [4], { dtypes: ['float64'] });
  const y = sample.scope('fc', 'Linear', () =>
    sample.apply('linear', '', [x, W], [2, 4], { bytes_kept: 96, seconds: 0.003 })
  );
  sample.apply('exp', 'exp', [y], [2, 4], { bytes_kept: 2048, seconds: 0.001, keeps: ['y'] });
  const parsed = parseMessage({ t: 'state', run: 1, graph: sample.graph(), ...more });
  assert.ok(parsed.ok);
  const model = new Model();
  model.apply(parsed.value);
  return model;
}

function idOf(model: Model, label: string): number {
  return [...model.nodes.values()].find(node => node.label === label)?.id ?? -1;
}

test('memory: the largest first, the parameters counted, what is released is faded', () => {
  const sheet = memorySheet(modelOf(), english);
  assert.equal(sheet.head, '2.1 KiB are kept for backward. The parameters take 80 B.');
  assert.deepEqual(
    sheet.rows.map(({ name, detail, value, mark }) => [name, detail, value, mark]),
    [
      ['exp', 'its result', '2.0 KiB', ''],
      ['linear', 'fc \u00b7 its inputs', '96 B', '']
    ]
  );
  const model = modelOf();
  for (const label of ['linear', 'exp']) {
    model.released.add(idOf(model, label));
  }
  const after = memorySheet(model, english);
  assert.match(after.head, /^2\.1 KiB were kept for backward, and released after use\./);
  assert.ok(after.rows.every(row => row.mark === 'faded'));
});

test('time: a row a link, a piece an operation', () => {
  const sheet = timeSheet(modelOf(), english);
  assert.equal(sheet.head, 'Forward took 4 ms in all; watching is part of it.');
  assert.deepEqual(
    sheet.rows.map(({ name, detail, value }) => [name, detail, value]),
    [
      ['fc', '1 operation', '3 ms'],
      ['outside of links', '1 operation', '1 ms']
    ]
  );
  assert.deepEqual(
    sheet.pieces.map(({ row, share }) => [row, share]),
    [
      [0, 0.75],
      [1, 0.25]
    ]
  );
});

test('gradients: in the order of the net, NaN and what none reached are marked', () => {
  const before = gradientSheet(modelOf(), english);
  assert.match(before.head, /No gradient has come yet/);
  assert.deepEqual(before.rows, []);
  const model = modelOf();
  model.gradients.set(idOf(model, '/fc/W'), { id: 2, norm: null, nan: 3 });
  const sheet = gradientSheet(model, english);
  assert.match(sheet.head, /1 parameter got no gradient\.$/);
  assert.deepEqual(
    sheet.rows.map(({ name, value, mark }) => [name, value, mark]),
    [
      ['fc/W', 'NaN', 'alarm'],
      ['fc/b', 'none', 'faded']
    ]
  );
});

test('gradients: bars grow with the logarithm, and a single one is seen', () => {
  const model = modelOf();
  model.gradients.set(idOf(model, '/fc/W'), { id: 2, norm: 0.5, nan: 0 });
  const [only] = gradientSheet(model, english).rows;
  assert.ok(only !== undefined && only.share > 0 && only.share <= 1);
  model.gradients.set(idOf(model, '/fc/b'), { id: 3, norm: 5e-6, nan: 0 });
  const [large, small] = gradientSheet(model, english).rows;
  assert.ok(large !== undefined && small !== undefined);
  assert.ok(large.share === 1 && small.share > 0 && small.share < 0.2);
});
