import assert from 'node:assert/strict';
import { test } from 'node:test';

import { once } from './once';

test('what was made is there for all who ask; what failed is made again', async () => {
  let times = 0;
  const make = once(async () => {
    times += 1;
    if (times === 1) {
      throw new Error('no connection');
    }
    return times;
  });
  await assert.rejects(make(), /no connection/);
  assert.deepEqual(await Promise.all([make(), make()]), [2, 2]);
  assert.equal(await make(), 2);
});
