import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Bookmark } from './bookmark';

/** A state database that was left with this in it. */
function database(left: unknown) {
  const kept = new Map<string, unknown>();
  return {
    kept,
    fetch: async (name: string) => (kept.get(name) ?? left) as undefined,
    save: async (name: string, value: unknown) => void kept.set(name, value)
  };
}

test('each lesson is gone on with where it was left', async () => {
  const state = database(undefined);
  const book = new Bookmark(state);
  assert.equal(await book.last(), null);
  assert.equal(await book.put('00_start', 7), true);
  assert.equal(await book.put('00_start', 9), false);
  assert.equal(await book.put('01_graph', 2), true);
  await book.save();
  const later = new Bookmark(state);
  assert.equal(await later.last(), '01_graph');
  assert.deepEqual([await later.cell('00_start'), await later.cell('01_graph')], [9, 2]);
  assert.equal(await later.cell('02_new'), 0);
});

test('odd things that were stored count as nothing', async () => {
  for (const odd of [null, 3, 'x', [], { last: 5, cells: 'x' }, { cells: { a: -1, b: 'c' } }]) {
    const book = new Bookmark(database(odd));
    assert.equal(await book.last(), null);
    assert.deepEqual([await book.cell('a'), await book.cell('b')], [0, 0]);
  }
  assert.equal(await new Bookmark(null).last(), null);
});
