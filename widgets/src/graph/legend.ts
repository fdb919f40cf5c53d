/** What the shapes, colours and signs mean, drawn with the same shapes. */
import { html, svg } from '../kit/dom';
import type { Face } from './face';
import { look } from './look';
import { drawBox } from './shapes';
import type { Translate } from './words';

const PLAIN: Face = {
  kind: 'function',
  symbol: '',
  name: '',
  times: '',
  detail: '',
  shape: '',
  stacked: false,
  kept: false,
  released: false,
  updated: false,
  failed: false,
  bad: false,
  unborn: false,
  differs: '',
  heat: null,
  gradient: '',
  gathered: ''
};

const ROWS: readonly (readonly [Partial<Face>, string])[] = [
  [{ kind: 'data', name: 'x' }, 'data, no gradient'],
  [{ kind: 'variable', name: 'v' }, 'variable with gradient'],
  [{ kind: 'parameter', name: 'W' }, 'parameter, learnt'],
  [{ name: 'exp' }, 'operation, done forward'],
  [{ name: 'exp', kept: true }, 'keeps data for backward'],
  [{ name: 'exp', released: true }, 'released: memory is free'],
  [{ name: '', heat: 4, gradient: `${look.signs.gradient}.5` }, 'gradient came: large'],
  [{ name: '', heat: 0, gradient: `${look.signs.gradient}1e-5` }, 'gradient came: small'],
  [{ kind: 'parameter', name: 'W', gathered: `${look.signs.repeat}9` }, '9 uses, one product'],
  [{ name: 'log', bad: true }, 'NaN or infinite'],
  [{ name: 'exp', differs: '+' }, 'compared: only in this run'],
  [{ name: 'exp', differs: '~' }, 'compared: other shapes'],
  [{ kind: 'folded', times: `${look.signs.repeat}9`, stacked: true }, 'folded calls: click it']
];

function picture(part: Partial<Face>): SVGSVGElement {
  const group = svg('g');
  const h = part.kind === 'folded' ? 24 : 22;
  const image = svg('svg', { class: 'mc-swatch', width: 66, height: 34, 'aria-hidden': 'true' });
  drawBox(group, { ...PLAIN, ...part }, { x: 0, y: 0, w: 46, h, over: 0 });
  group.setAttribute('transform', 'translate(9 9)');
  image.append(group);
  return image;
}

export function legend(tr: Translate): HTMLElement {
  const list = html('div', { class: 'mc-legend-rows' });
  for (const [part, words] of ROWS) {
    list.append(
      html('div', { class: 'mc-legend-row' }, picture(part), html('span', {}, tr(words)))
    );
  }
  const signs = [
    [look.signs.reused, 'the same leaf, used again'],
    [look.signs.updated, 'updated by the optimizer'],
    [look.signs.loop, 'hands its state to the next call']
  ] as const;
  for (const [sign, words] of signs) {
    const mark = html('span', { class: 'mc-swatch mc-sign' }, sign);
    list.append(html('div', { class: 'mc-legend-row' }, mark, html('span', {}, tr(words))));
  }
  const letters = 'N batch, C channels, T time, V vocabulary, H W image, K kernel, I O in and out';
  const keys = 'Arrow keys walk, Enter shows details, Space folds, + and \u2212 zoom, / searches';
  return html(
    'section',
    { class: 'mc-legend', 'aria-label': tr('Legend'), hidden: '', tabindex: 0 },
    list,
    html('p', {}, tr(letters)),
    html('p', {}, tr(keys))
  );
}
