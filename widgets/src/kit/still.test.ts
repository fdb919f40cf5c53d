import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

import { keepStill, type Pictured } from './still';

const { window } = new JSDOM('<!doctype html><body></body>');
const wait = (milliseconds: number): Promise<void> =>
  new Promise(done => setTimeout(done, milliseconds));

test('after something has changed, the picture of now is asked for once, and kept', async () => {
  const element: Pictured = window.document.createElement('div');
  const sent: unknown[] = [];
  let hear: (value: unknown) => void = () => undefined;
  const model = {
    send: (message: unknown) => sent.push(message),
    on: (_: string, callback: (value: unknown) => void) => { hear = callback; },
    off: () => { hear = () => undefined; }
  };
  const end = keepStill(model, element, 5);
  hear({ t: 'state' });
  await wait(15);
  assert.deepEqual(sent, []);
  hear({ t: 'news' });
  element.dispatchEvent(new window.Event('click'));
  await wait(15);
  assert.deepEqual(sent, [{ t: 'still' }]);
  hear({ t: 'news' });
  await wait(15);
  assert.equal(sent.length, 1, 'no second question before the answer');
  hear({ t: 'still', text: 'words', svg: '<svg/>' });
  assert.deepEqual(element.minichainStill, { text: 'words', svg: '<svg/>' });
  element.dispatchEvent(new window.Event('change'));
  end();
  await wait(15);
  assert.equal(sent.length, 1);
});
