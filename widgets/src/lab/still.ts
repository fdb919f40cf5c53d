/** In place of a widget that cannot be shown, because no kernel runs: its last picture. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

import { html } from '../kit/dom';
import type { Pictured, Still } from '../kit/still';

const SVG = 'image/svg+xml';
const WIDGET = 'application/vnd.jupyter.widget-view+json';

/** The same renderer; it shows the picture until the widget comes, or for good if none does. */
export function withPicture(renderer: IRenderMime.IRenderer): IRenderMime.IRenderer {
  const render = renderer.renderModel.bind(renderer);
  let shown = '';
  renderer.renderModel = async model => {
    const picture = pictureOf(model.data);
    const widget = JSON.stringify(model.data[WIDGET]);
    const isThere = widget === shown && renderer.node.querySelector('.mc-kit, .mc-graph') !== null;
    if (picture !== null && isThere) return;    // only its picture is another one
    shown = widget;
    const done = render(model);
    if (picture === null) return done;
    renderer.node.replaceChildren(picture);
    await done;
    if (renderer.node.childElementCount === 0) renderer.node.replaceChildren(picture);
  };
  return renderer;
}

/** The picture that a widget of minichain has left in the notebook, or null. */
export function pictureOf(data: Readonly<Record<string, unknown>>): HTMLElement | null {
  const drawn = data[SVG];
  const svg = Array.isArray(drawn) ? drawn.join('') : drawn;
  const words = data['text/plain'];
  const text = Array.isArray(words) ? words.join('') : words;
  if (typeof svg !== 'string' || !/^<svg[^>]* class="mc[ "-]/.test(svg)) return null;
  const alt = typeof text === 'string' ? text : '';
  const src = `data:${SVG};utf8,${encodeURIComponent(svg)}`;
  return html('img', { class: 'mc-last-picture', alt, src });
}

/** The pictures that the widgets in an output have of themselves as they are now. */
export function stillOf(output: HTMLElement): Still | null {
  for (const element of output.querySelectorAll<Pictured>('*')) {
    if (element.minichainStill !== undefined) return element.minichainStill;
  }
  return null;
}

/** The data of an output, with another picture. */
export function pictured<T>(data: Readonly<Record<string, T>>, still: Still):
  Record<string, T | string> {
  return { ...data, [SVG]: still.svg, 'text/plain': still.text };
}
