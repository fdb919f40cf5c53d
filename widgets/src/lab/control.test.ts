import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isControl, parseControl } from './control';

test('what a kernel tells of its switches is read, and what is odd counts as unknown', () => {
  const mode = { t: 'mode', record: true, train: 'yes', device: 'cpu', memory: null, models: [] };
  assert.deepEqual(parseControl(mode), { ...mode, train: false, debug: false });
  const odd = parseControl({ t: 'mode', models: [['net', 'cpu'], ['x'], 7], memory: '9' });
  assert.ok(odd?.t === 'mode');
  assert.deepEqual(odd.models, [['net', 'cpu']]);
  assert.equal(odd.memory, null);
  assert.equal(odd.record, false);
});

test('names are cut, and at most a hundred are offered', () => {
  const names = Array.from({ length: 200 }, () => ['y'.repeat(500), [2, 3]]);
  const read = parseControl({ t: 'names', names, devices: ['cpu', 5], gpu: 7 });
  assert.ok(read?.t === 'names');
  assert.equal(read.names.length, 100);
  assert.equal(read.names[0]?.name.length, 80);
  assert.deepEqual(read.names[0]?.shape, [2, 3]);
  assert.deepEqual([read.devices, read.gpu], [['cpu', ''], []]);
  const told = parseControl({ t: 'names', gpu: ['%1 GPU: %2.', '1', 7] });
  assert.ok(told?.t === 'names');
  assert.deepEqual(told.gpu, ['%1 GPU: %2.', '1']);
});

test('other messages are none of these', () => {
  for (const message of [null, 'mode', { t: 'batch' }, { mode: 1 }, [{ t: 'mode' }]]) {
    assert.equal(isControl(message), false);
    assert.equal(parseControl(message), null);
  }
  assert.equal(isControl({ t: 'picked' }), true);
});
