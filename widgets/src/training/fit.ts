/** What the model says everywhere: regions of classes in a plane, a curve, or said against true. */
import { HeatMap, html, number, svg, type Cell } from '../kit';
import type { Fit, Pair, Points, Regions } from './state';

/** Okabe and Ito's colours, and a mark for each: never colour alone. As in training/still.py. */
const COLOURS = [
  [0, 114, 178], [213, 94, 0], [0, 158, 115], [204, 121, 167], [230, 159, 0], [86, 180, 233],
  [184, 168, 0], [122, 122, 122]
] as const;
const MARKS = [
  'M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z', 'M-3 -3h6v6h-6z', 'M0 -4l4 7h-8z',
  'M0 -4l4 4l-4 4l-4 -4z', 'M-1 -4h2v3h3v2h-3v3h-2v-3h-3v-2h3z', 'M0 4l4 -7h-8z',
  'M-4 -2h8v4h-8z', 'M-2 -4h4v8h-4z'
] as const;
/** Pixels, where there is room for so many. */
const PLANE = 280;
const WIDE = 440;
const DRAWING = { height: 300, left: 56, right: 12, top: 28, bottom: 24 };
const POINT_AT =
  'Point at a place, or walk there with the arrow keys, to read what the model says.';

export class FitView {
  readonly element = html('div', { class: 'mc-fit' });
  private readonly head = html('p', { class: 'mc-quiet' });
  private readonly read = html('p', { class: 'mc-reading' }, POINT_AT);
  private readonly marks = svg('svg', { class: 'mc-marks', 'aria-hidden': 'true' });
  private readonly key = html('div', { class: 'mc-row' });
  private readonly corners = html('div', { class: 'mc-corners mc-quiet' });
  private map: HeatMap | null = null;
  private found: Regions | null = null;
  private side = 0;

  show(found: Fit): void {
    if (found.form === 'regions') this.plane(found);
    else this.element.replaceChildren(...points(found, this.room(WIDE)));
  }

  explain(reason: string): void {
    this.found = null;
    this.element.replaceChildren(html('p', {}, reason));
  }

  /** So many pixels, or fewer where the widget is narrow. */
  private room(wanted: number): number {
    return Math.min(wanted, this.element.clientWidth || wanted);
  }

  private plane(found: Regions): void {
    this.found = found;
    const size = this.room(PLANE);
    const isNew = this.map === null || !this.element.contains(this.map.element);
    if (isNew || size !== this.side) this.compose(found, size);
    this.map?.show(found.said, found.side, found.side);
    const [low, high, bottom, top] = found.bounds;
    this.marks.replaceChildren(...found.points.flatMap(([x, y, true_, said]) => {
      const place: Pair = [(x - low) / (high - low) * size, (top - y) / (top - bottom) * size];
      return [mark(true_, place), ...(true_ === said ? [] : [ring(place)])];
    }));
    const wrong = found.points.filter(([, , true_, said]) => true_ !== said).length;
    const whose = found.source === 'data' ? '' : `${found.source} `;
    this.head.textContent = 'The colour of a place is the class that the model would choose there, '
      + `stronger where it is surer. Of ${found.points.length} ${whose}points, ${wrong} `
      + `${wrong === 1 ? 'is wrong and has' : 'are wrong and have'} a ring.`;
    this.key.replaceChildren(...found.labels.slice(0, 12).map((label, index) =>
      html('span', { class: 'mc-key' },
        svg('svg', { width: 14, height: 14, 'aria-hidden': 'true' }, mark(index, [7, 7])), label)));
    this.corners.replaceChildren(html('span', {}, `x ${number(low)} to ${number(high)}`),
      html('span', {}, `y ${number(bottom)} to ${number(top)}`));
  }

  private compose(found: Regions, size: number): void {
    this.side = size;
    this.marks.setAttribute('width', String(size));
    this.marks.setAttribute('height', String(size));
    const map = new HeatMap({
      label: 'What the model says of each place', map: 'ink', cell: size / found.side,
      colour: index => this.colour(index),
      describe: cell => this.words(cell),
      point: cell => { this.read.textContent = cell === null ? POINT_AT : this.words(cell); }
    });
    map.element.append(this.marks);
    this.map = map;
    this.element.replaceChildren(this.head, this.key, map.element, this.corners, this.read);
  }

  private colour(index: number): readonly [number, number, number, number] {
    const { said, share } = this.found ?? { said: [], share: [] };
    const [r, g, b] = colourOf(said[index] ?? 0);
    return [r, g, b, Math.round(150 * (share[index] ?? 0))];
  }

  private words({ row, column }: Cell): string {
    const { found } = this;
    if (found === null) return '';
    const [low, high, bottom, top] = found.bounds;
    const x = low + (column + 0.5) / found.side * (high - low);
    const y = top - (row + 0.5) / found.side * (top - bottom);
    const at = row * found.side + column;
    const name = found.labels[found.said[at] ?? 0] ?? '';
    return `x ${number(x)}, y ${number(y)}: class ${name}, `
      + `${Math.round(100 * (found.share[at] ?? 0))} % sure`;
  }
}

function colourOf(index: number): (typeof COLOURS)[number] {
  return COLOURS[index % COLOURS.length] ?? COLOURS[0];
}

function mark(index: number, [x, y]: Pair): SVGElement {
  return svg('path', {
    class: 'mc-mark', d: MARKS[index % MARKS.length] ?? MARKS[0],
    transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
    fill: `rgb(${colourOf(index).join(' ')})`
  });
}

function ring([x, y]: Pair): SVGElement {
  return svg('circle', { class: 'mc-ring', cx: x.toFixed(1), cy: y.toFixed(1), r: 6 });
}

const WORDS = {
  curve: ['x', 'y', 'Points are examples, the line is what the model says.'],
  scatter: ['true value', 'what the model says',
    'One point a number. The line is where all points would lie if the model were right.']
} as const;

/** Examples as points, with the fitted curve or the line on which they should lie. */
function points(found: Points, width: number): Node[] {
  const [across, up, hint] = WORDS[found.form];
  const whose = found.source === 'data' ? '' : ` These are ${found.source} examples.`;
  const share = found.explained === null ? ''
    : ` The model explains ${Math.round(100 * found.explained)}\u00a0% of how the targets differ.`;
  const numbers = found.points.flat();
  const same = [Math.min(...numbers), Math.max(...numbers)] as const;
  const line: readonly Pair[] = found.form === 'curve' ? found.curve ?? []
    : found.points.length === 0 ? [] : same.map(value => [value, value] as const);
  const scale = scaleOf([...found.points, ...line], width);
  const { height, left, right, top, bottom } = DRAWING;
  const path = line.map(([x, y], k) => `${k === 0 ? 'M' : 'L'}${scale([x, y]).join(' ')}`).join('');
  const [low, high] = extremes([...found.points, ...line]);
  const text = (words: string, x: number, y: number, anchor: string): SVGElement =>
    svg('text', { x, y, 'text-anchor': anchor }, words);
  const drawing = svg('svg', {
    class: 'mc-chart mc-drawing', viewBox: `0 0 ${width} ${height}`, role: 'img',
    'aria-label': `${up} over ${across}.${share}`
  },
  svg('path', { class: 'mc-axes', d: `M${left} ${top}V${height - bottom}H${width - right}` }),
  ...found.points.map(pair => {
    const [cx, cy] = scale(pair);
    return svg('circle', { class: 'mc-dot', cx, cy, r: 2.5 });
  }),
  svg('path', { class: 'mc-line', d: path }),
  text(number(high[1]), left - 4, top + 10, 'end'),
  text(number(low[1]), left - 4, height - bottom, 'end'),
  text(number(low[0]), left, height - bottom + 16, 'start'),
  text(number(high[0]), width - right, height - bottom + 16, 'end'),
  text(across, (left + width - right) / 2, height - bottom + 16, 'middle'),
  text(up, 4, 14, 'start'));
  return [html('p', { class: 'mc-quiet' }, `${hint}${whose}${share}`), drawing];
}

function extremes(all: readonly Pair[]): readonly [Pair, Pair] {
  if (all.length === 0) return [[0, 0], [1, 1]];
  const xs = all.map(([x]) => x);
  const ys = all.map(([, y]) => y);
  return [[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]];
}

function scaleOf(all: readonly Pair[], width: number): (pair: Pair) => Pair {
  const { height, left, right, top, bottom } = DRAWING;
  const [low, high] = extremes(all);
  const span: Pair = [high[0] - low[0] || 1, high[1] - low[1] || 1];
  return ([x, y]) => [
    Math.round(10 * (left + (x - low[0]) / span[0] * (width - left - right))) / 10,
    Math.round(10 * (height - bottom - (y - low[1]) / span[1] * (height - top - bottom))) / 10];
}
