import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { JSDOM } from 'jsdom';

import { pictureOf, withPicture } from './still';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, { document: window.document });

const OURS = {
  'image/svg+xml': '<svg xmlns="http://www.w3.org/2000/svg" class="mc-still"><g/></svg>',
  'text/plain': 'WasteMeter: 4 sentences'
};
const model = { data: OURS } as unknown as IRenderMime.IMimeModel;

/** A renderer as that of ipywidgets: it waits for the widget, and writes what it found. */
function rendererOf(found: Promise<Node | string>): IRenderMime.IRenderer {
  const node = window.document.createElement('div');
  const renderModel = async (): Promise<void> => {
    node.textContent = 'Loading widget...';
    node.replaceChildren(await found);
  };
  return { node, renderModel } as unknown as IRenderMime.IRenderer;
}

test('only pictures of our own widgets are taken', () => {
  assert.equal(pictureOf(OURS)?.getAttribute('alt'), 'WasteMeter: 4 sentences');
  assert.equal(pictureOf({ 'image/svg+xml': '<svg class="other"/>' }), null);
  assert.equal(pictureOf({ 'text/plain': 'mc-still' }), null);
  assert.notEqual(pictureOf({ 'image/svg+xml': ['<svg class="mc-still">', '</svg>'] }), null);
});

test('the picture is there until the widget comes', async () => {
  const widget = window.document.createElement('section');
  const renderer = withPicture(rendererOf(Promise.resolve(widget)));
  const done = renderer.renderModel(model);
  assert.equal(renderer.node.firstElementChild?.tagName, 'IMG');
  await done;
  assert.equal(renderer.node.firstElementChild, widget);
});

test('the picture stays if there is no such widget any more', async () => {
  const renderer = withPicture(rendererOf(Promise.resolve('model not found')));
  await renderer.renderModel(model);
  assert.equal(renderer.node.firstElementChild?.tagName, 'IMG');
});

test('what is not ours is left as it is', async () => {
  const renderer = withPicture(rendererOf(Promise.resolve('model not found')));
  await renderer.renderModel({ data: {} } as unknown as IRenderMime.IMimeModel);
  assert.equal(renderer.node.textContent, 'model not found');
});
