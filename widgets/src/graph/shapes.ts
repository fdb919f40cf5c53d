/** Draws one box, frame or chip as SVG: the shapes of the visual language. */
import { svg } from '../kit/dom';
import type { Face } from './face';
import type { Rect } from './layout';
import { look } from './look';
import { fitText, textWidth } from './words';

const { sizes, signs } = look;

export function moveTo(element: SVGElement, x: number, y: number): void {
  element.style.transform = `translate(${x}px, ${y}px)`;
}

function outline(face: Face, { w, h }: Rect): SVGElement[] {
  const cut = sizes.cut;
  const inner = sizes['double-border'];
  const box = { class: 'mc-shape', width: w, height: h };
  switch (face.kind) {
    case 'variable':
      return [svg('rect', { ...box, rx: h / 2 })];
    case 'parameter':
      return [
        svg('rect', { ...box, rx: 2 }),
        svg('rect', {
          class: 'mc-inner',
          x: inner,
          y: inner,
          width: w - 2 * inner,
          height: h - 2 * inner
        })
      ];
    case 'data': {
      const path = `M0 0H${w - cut}L${w} ${cut}V${h}H0Z`;
      const fold = `M${w - cut} 0V${cut}H${w}`;
      return [
        svg('path', { class: 'mc-shape', d: path }),
        svg('path', { class: 'mc-inner', d: fold })
      ];
    }
    default:
      return [svg('rect', { ...box, rx: sizes.radius })];
  }
}

function stack(face: Face, { w, h }: Rect): SVGElement[] {
  if (!face.stacked) return [];
  const leaf = face.kind !== 'folded' && face.kind !== 'function';
  const step = leaf ? 3 : sizes['stack-offset'];
  return [2, 1].map(level =>
    svg('path', {
      class: 'mc-behind',
      d: `M${level * step} ${-level * step + 3}v${-3}h${w}v${h}h${-3}`
    })
  );
}

function cross(x: number, y: number): SVGElement {
  return svg(
    'g',
    { class: 'mc-cross' },
    svg('circle', { cx: x, cy: y, r: 7 }),
    svg('path', { d: `M${x - 3} ${y - 3}l6 6m0 -6l-6 6` })
  );
}

/** The sign of a comparison, at the upper left corner. */
function mark(sign: string): SVGElement {
  return svg(
    'g',
    { class: 'mc-differs' },
    svg('circle', { cx: 2, cy: 1, r: 8 }),
    svg('text', { class: 'mc-middle', x: 2, y: 5 }, sign)
  );
}

/** On the edge of a leaf: how many of its uses one product took together. */
function badge(words: string): SVGElement {
  const width = Math.round(textWidth(words, SMALL)) + 10;
  return svg(
    'g',
    { class: 'mc-gathered' },
    svg('rect', { x: -6, y: -7, width, height: 13, rx: 6 }),
    svg('text', { x: -6 + width / 2, y: 3.5 }, words)
  );
}

/** Fill a box's group; called again whenever its face has changed. */
export function drawBox(group: SVGGElement, face: Face, rect: Rect): void {
  const { w, h } = rect;
  const leaf = face.kind !== 'function' && face.kind !== 'folded';
  const parts: SVGElement[] = [...stack(face, rect), ...outline(face, rect)];
  if (face.kept && !face.released) {
    const size = sizes.corner;
    parts.push(svg('path', { class: 'mc-kept', d: `M${w} ${h - size}V${h}H${w - size}Z` }));
  }
  if (face.kind === 'folded') parts.push(...foldedWords(face, w));
  else if (leaf) parts.push(...leafWords(face, rect));
  else parts.push(...operationWords(face, rect));
  if (face.shape !== '') parts.push(line('mc-size', w / 2, h + 15, face.shape));
  if (face.bad || face.failed) parts.push(cross(w - 2, 1));
  if (face.gathered !== '') parts.push(badge(face.gathered));
  if (face.differs !== '') parts.push(mark(face.differs));
  group.replaceChildren(...parts);
  group.setAttribute('class', classes(face));
}

function classes(face: Face): string {
  const names = ['mc-box', `mc-${face.kind}`];
  if (face.heat !== null) names.push('mc-lit', `mc-heat${face.heat}`);
  if (face.released) names.push('mc-released');
  if (face.bad) names.push('mc-bad');
  if (face.failed) names.push('mc-failed');
  if (face.unborn) names.push('mc-unborn');
  if (face.differs !== '') names.push('mc-different');
  return names.join(' ');
}

function line(name: string, x: number, y: number, words: string): SVGTextElement {
  return svg('text', { class: name, x, y }, words);
}

/** A name cut to fewer letters gives way to the symbol. */
const SHORTEST = 8;
const FONT = sizes.font;
const SMALL = sizes['small-font'];

function foldedWords(face: Face, w: number): SVGElement[] {
  const room = w - 14 - textWidth(`${face.symbol} ${face.times}`, FONT);
  const name = `${face.symbol} ${fitText(face.name, room, FONT)}${face.times}`;
  const used = face.gradient === '' ? 0 : textWidth(face.gradient, SMALL) + 14;
  const fits = textWidth(face.detail, SMALL) <= w - 16 - used;
  const words = fits ? face.detail : (face.detail.split(',')[0] ?? '');
  const detail = fitText(words, w - 16 - used, SMALL);
  const parts = [line('mc-name', 8, 16, name), line('mc-detail', 8, 32, detail)];
  if (face.gradient !== '') parts.push(line('mc-gradient', w - 12, 32, face.gradient));
  return parts;
}

/** Name and shape, once backward has come name and gradient, centred. */
function leafWords(face: Face, { w, h }: Rect): SVGElement[] {
  const mark = face.updated ? 12 : 0;
  const name = fitText(face.name, w - 12 - mark - textWidth(face.times, SMALL), SMALL) + face.times;
  const room = w - 14 - mark - textWidth(name, SMALL);
  const detail = fitText(face.gradient === '' ? face.detail : face.gradient, room, SMALL);
  const text = svg('text', { class: 'mc-leafname', x: (w - mark) / 2, y: h / 2 + 4 });
  text.append(svg('tspan', {}, name));
  const gap = name === '' ? 0 : 4;
  if (detail !== '') text.append(svg('tspan', { class: 'mc-detail', dx: gap }, detail));
  return face.updated ? [text, line('mc-updated', w - 12, h / 2 + 4, signs.updated)] : [text];
}

/** Symbol and name centred; once backward has come at the left, with the gradient at the right. */
function operationWords(face: Face, { w, h }: Rect): SVGElement[] {
  const lit = face.gradient !== '';
  const room = w - 14 - (lit ? textWidth(face.gradient, SMALL) + 6 : 0);
  const whole = `${face.name}${face.times}`;
  const symbol = face.symbol === '' ? 0 : textWidth(face.symbol, FONT) + 6;
  const both = symbol > 0 && symbol + textWidth(whole, FONT) <= room;
  const cut = fitText(face.name, room - textWidth(face.times, FONT), FONT);
  const short = symbol > 0 && cut.length < SHORTEST && cut !== face.name ? face.symbol : cut;
  const name = both ? whole : short + face.times;
  const at = lit ? { x: 8 } : { x: w / 2 };
  const text = svg('text', { class: lit ? 'mc-name' : 'mc-name mc-middle', ...at, y: h / 2 + 4 });
  if (both) text.append(svg('tspan', { class: 'mc-symbol' }, face.symbol));
  text.append(svg('tspan', both ? { dx: 5 } : {}, name));
  return lit ? [text, line('mc-gradient', w - 8, h / 2 + 4, face.gradient)] : [text];
}
