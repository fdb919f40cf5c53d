import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Backlog } from './backlog';

const batch = (seq: number) => ({ t: 'batch', run: 1, seq });

test('messages come out in the order they went in, once', () => {
  const backlog = new Backlog();
  backlog.push({ t: 'begin', run: 1 });
  backlog.push(batch(0));
  assert.deepEqual(backlog.take(), [{ t: 'begin', run: 1 }, batch(0)]);
  assert.deepEqual(backlog.take(), []);
});

test('a new run and a whole state make what came before needless', () => {
  for (const t of ['begin', 'state']) {
    const backlog = new Backlog();
    backlog.push(batch(0));
    backlog.push({ t, run: 2 });
    assert.deepEqual(backlog.take(), [{ t, run: 2 }]);
  }
});

test('of notes in a row only the last one counts', () => {
  const backlog = new Backlog();
  backlog.push(batch(0));
  backlog.push({ t: 'note', text: 'one' });
  backlog.push({ t: 'note', text: 'two' });
  assert.deepEqual(backlog.take(), [batch(0), { t: 'note', text: 'two' }]);
});

test('too many messages are dropped, and it says so until it is emptied', () => {
  const backlog = new Backlog(2);
  [0, 1, 2, 3].forEach(seq => backlog.push(batch(seq)));
  assert.equal(backlog.overflown, true);
  assert.deepEqual(backlog.take(), []);
  assert.equal(backlog.overflown, false);
  backlog.push(batch(4));
  assert.deepEqual(backlog.take(), [batch(4)]);
});

test('what is no message of ours is kept for the view to judge', () => {
  const backlog = new Backlog();
  backlog.push(null);
  backlog.push('text');
  assert.deepEqual(backlog.take(), [null, 'text']);
});
