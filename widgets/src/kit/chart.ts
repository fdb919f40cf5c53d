/** Curves that grow: loss, accuracy, norms. Drawn as SVG, a few hundred points a curve at most. */
import { html, svg } from './dom';
import { number } from './number';

/** Okabe and Ito's colours, and a dash for each: never colour alone. */
const STROKES = [
  ['var(--mc-forward)', ''], ['var(--mc-backward)', '6 3'], ['#009e73', '2 2'],
  ['#cc79a7', '8 3 2 3'], ['var(--mc-muted)', '1 3']
] as const;
const POINTS = 300;
/** In pixels; as wide as there is room, if that is known. */
const SIZE = { width: 320, height: 150, left: 54, right: 8, top: 8, bottom: 24 };

export interface ChartOptions {
  readonly title: string;
  readonly x: string;
  /** The names of the curves, in the order of their colours. */
  readonly curves: readonly string[];
  /** The range of the vertical axis; without it, that of the points. */
  readonly range?: readonly [number, number];
  readonly log?: boolean;
}

export type Point = readonly [number, number];

export class Chart {
  readonly element: HTMLElement;
  private readonly points = new Map<string, Point[]>();
  private readonly drawing = svg('svg', {
    class: 'mc-chart', height: SIZE.height, role: 'img'
  });
  private readonly read = html('div', { class: 'mc-reading' });
  private readonly keys: readonly HTMLElement[];
  private frame = 0;
  private pointed: number | null = null;

  constructor(private readonly options: ChartOptions) {
    this.keys = options.curves.map((name, index) => {
      const [colour, dash] = strokeOf(index);
      const line = svg('line', {
        x1: 0, y1: 5, x2: 18, y2: 5, stroke: colour, 'stroke-width': 2, 'stroke-dasharray': dash
      });
      return html('span', { class: 'mc-key' },
        svg('svg', { width: 18, height: 10, 'aria-hidden': 'true' }, line), name);
    });
    this.element = html('figure', { class: 'mc-figure' },
      html('figcaption', {}, options.title, ...(this.keys.length > 1 ? this.keys : [])),
      this.drawing, this.read);
    this.drawing.addEventListener('pointermove', event => this.point(event.clientX));
    this.drawing.addEventListener('pointerleave', () => this.point(null));
    if (typeof ResizeObserver !== 'undefined') {
      new ResizeObserver(() => this.later()).observe(this.drawing);
    }
    this.clear();
  }

  clear(): void {
    for (const name of this.options.curves) this.points.set(name, []);
    this.later();
  }

  set(name: string, points: readonly Point[]): void {
    this.points.set(name, [...points]);
    this.later();
  }

  add(name: string, x: number, y: number): void {
    this.points.get(name)?.push([x, y]);
    this.later();
  }

  /** Name a curve beside the title, or not, because there will be none. */
  offer(name: string, on: boolean): void {
    const key = this.keys[this.options.curves.indexOf(name)];
    if (key !== undefined) key.hidden = !on;
  }

  /** Draw once a frame, however many points came. */
  private later(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const all = [...this.points.values()].flat().filter(([, y]) => this.drawable(y));
    const { left, right, top, bottom, height } = SIZE;
    const width = this.width();
    this.drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    const scale = scaleOf(all, this.options, width);
    const parts: SVGElement[] = [];
    for (const tick of scale.ticks) {
      const y = scale.y(tick);
      parts.push(svg('line', { class: 'mc-grid', x1: left, x2: width - right, y1: y, y2: y }),
        svg('text', { x: left - 4, y: y + 4, 'text-anchor': 'end' }, number(tick)));
    }
    parts.push(svg('text', { x: width - right, y: height - 4, 'text-anchor': 'end' },
      `${this.options.x} ${number(scale.last)}`));
    this.options.curves.forEach((name, index) => {
      const points = thin((this.points.get(name) ?? []).filter(([, y]) => this.drawable(y)));
      const [colour, dash] = strokeOf(index);
      const path = points.map(([x, y], k) =>
        `${k === 0 ? 'M' : 'L'}${scale.x(x).toFixed(1)} ${scale.y(y).toFixed(1)}`).join('');
      parts.push(svg('path', {
        d: path, fill: 'none', stroke: colour, 'stroke-width': 2, 'stroke-dasharray': dash
      }));
    });
    if (all.length === 0) {
      parts.push(svg('text', { x: (left + width) / 2, y: (top + height - bottom) / 2 - 8,
        'text-anchor': 'middle' }, 'nothing yet'));
    }
    this.drawing.replaceChildren(...parts);
    this.tell();
  }

  private width(): number {
    return this.drawing.clientWidth || SIZE.width;
  }

  private drawable(y: number): boolean {
    return Number.isFinite(y) && (this.options.log !== true || y > 0);
  }

  private point(at: number | null): void {
    this.pointed = at;
    this.tell();
  }

  /** In words: the numbers under the pointer; without one, the newest of each curve. */
  private tell(): void {
    const last = this.options.curves.flatMap(name => {
      const point = this.points.get(name)?.at(-1);
      return point === undefined ? [] : [`${name} ${number(point[1])}`];
    });
    this.read.textContent = this.under(this.pointed)
      ?? (last.length === 0 ? '' : `now: ${last.join(', ')}`);
    this.drawing.setAttribute('aria-label',
      `${this.options.title}. ${last.length === 0 ? 'Nothing yet.' : `Now: ${last.join(', ')}.`}`);
  }

  /** The numbers under the pointer, if it is there and there are any. */
  private under(pointed: number | null): string | null {
    const box = this.drawing.getBoundingClientRect();
    const all = [...this.points.values()].flat();
    if (pointed === null || all.length === 0 || box.width === 0) return null;
    const { back } = scaleOf(all.filter(([, y]) => this.drawable(y)), this.options, box.width);
    const wanted = back(pointed - box.left);
    const found = this.options.curves.flatMap(name => {
      const near = nearest(this.points.get(name) ?? [], wanted);
      return near === null ? [] : [[near[0], `${name} ${number(near[1])}`] as const];
    });
    const first = found[0];
    return first === undefined ? null : `${this.options.x} ${number(first[0])}: `
      + found.map(([, words]) => words).join(', ');
  }
}

function strokeOf(index: number): readonly [string, string] {
  return STROKES[index % STROKES.length] ?? STROKES[0];
}

export interface Scale {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly back: (place: number) => number;
  readonly ticks: readonly number[];
  readonly last: number;
}

export function scaleOf(points: readonly Point[],
                        options: Pick<ChartOptions, 'range' | 'log'>,
                        width = SIZE.width): Scale {
  const { left, right, top, bottom, height } = SIZE;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const first = extreme(xs, Math.min, 0);
  const last = Math.max(extreme(xs, Math.max, 1), first + 1e-9);
  const log = options.log === true;
  const warp = (y: number): number => (log ? Math.log10(Math.max(y, 1e-300)) : y);
  const [low, high] = options.range ?? [extreme(ys, Math.min, log ? 0.1 : 0),
    extreme(ys, Math.max, 1)];
  const [from, to] = [warp(low), warp(high)];
  const span = to - from || 1;
  const room = width - left - right;
  const ticks = [0, 0.5, 1].map(part => {
    const at = from + part * span;
    return log ? 10 ** at : at;
  });
  return {
    x: value => left + (value - first) / (last - first) * room,
    y: value => height - bottom - (warp(value) - from) / span * (height - top - bottom),
    back: place => first + (place - left) / room * (last - first),
    ticks,
    last
  };
}

function extreme(values: readonly number[], pick: (a: number, b: number) => number,
                 empty: number): number {
  return values.length === 0 ? empty : values.reduce((a, b) => pick(a, b));
}

/** At most a few hundred points: of each stretch the lowest and the highest, so no peak is lost. */
export function thin(points: readonly Point[], most = POINTS): readonly Point[] {
  if (points.length <= most) return points;
  const kept: Point[] = [];
  const stretch = Math.ceil(points.length / (most / 2));
  for (let start = 0; start < points.length; start += stretch) {
    const part = points.slice(start, start + stretch);
    const low = part.reduce((a, b) => (b[1] < a[1] ? b : a));
    const high = part.reduce((a, b) => (b[1] > a[1] ? b : a));
    kept.push(...(low[0] < high[0] ? [low, high] : low === high ? [low] : [high, low]));
  }
  return kept;
}

function nearest(points: readonly Point[], x: number): Point | null {
  return points.reduce<Point | null>(
    (best, point) =>
      best === null || Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best, null);
}
