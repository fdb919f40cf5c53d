import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JSDOM } from 'jsdom';

import { Source } from './source';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, { document: window.document });

test('a dead kernel is asked for its graph once, however often the panel looks', async () => {
  let asked = 0;
  const signal = { connect: () => true, disconnect: () => true };
  const kernel = {
    statusChanged: signal,
    connectionStatusChanged: signal,
    registerCommTarget: () => undefined,
    removeCommTarget: () => undefined,
    requestCommInfo: () => {
      asked += 1;
      return Promise.reject(new Error('Kernel is dead'));
    }
  };
  const context = {
    isReady: true,
    ready: Promise.resolve(),
    model: { cells: [{ sharedModel: { getSource: () => 'import minichain' } }] },
    sessionContext: { kernelChanged: signal, session: { kernel } }
  };
  const looks = { left: 20 };
  const source = new Source(context as never, window.document.body, {} as never, {
    changed: () => {
      looks.left -= 1;
      if (looks.left > 0) {
        source.attachOnce();
      }
    },
    graphCame: () => undefined
  });
  await new Promise(resolve => setTimeout(resolve, 20));
  assert.equal(asked, 1);
  source.dispose();
});
