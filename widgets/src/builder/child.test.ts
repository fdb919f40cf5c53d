import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Child } from './child';

interface Fake {
  el: { id: string };
  remove(): void;
}

function manager(): { removed: string[]; get_model(id: string): Promise<string>;
                      create_view(id: string): Promise<Fake> } {
  const removed: string[] = [];
  return {
    removed,
    get_model: async id => id,
    create_view: async id => ({ el: { id }, remove: () => removed.push(id) })
  };
}

test('the picture of a widget is shown once, and goes when another one comes', async () => {
  const fake = manager();
  const child = new Child(fake);
  assert.deepEqual(await child.show('a'), { id: 'a' });
  assert.equal(await child.show('a'), null);
  assert.deepEqual(await child.show('b'), { id: 'b' });
  assert.deepEqual(fake.removed, ['a']);
  child.dispose();
  assert.deepEqual(fake.removed, ['a', 'b']);
});

test('a picture that comes too late is not shown', async () => {
  const fake = manager();
  const child = new Child(fake);
  const late = child.show('a');
  const soon = child.show('b');
  assert.equal(await late, null);
  assert.deepEqual(await soon, { id: 'b' });
  assert.deepEqual(fake.removed, ['a']);
});
