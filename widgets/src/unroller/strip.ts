/** The network over time as boxes and arrows: rolled up, or a box for each step. */
import { number, svg } from '../kit';

const BOX = 22;
const TOP = 22;
const HEIGHT = 78;
/** Decades of gradient that the backward arrows and the bars tell apart. */
const DECADES = 6;
const BAR = 48;
/** Pixels that a number needs. */
const ROOM = 52;
const LETTER = 6.6;
/** Of how many steps one has its number, where not all fit. */
const EVERY = [2, 5, 10, 20, 50, 100];
/** Pixels of a step below which arrows would only be a tangle. */
const NARROW = 16;

/** 1 for the longest gradient, 0 for one a million times shorter or none at all. */
export function strength(norm: number, longest: number): number {
  if (norm <= 0 || longest <= 0) return 0;
  return Math.min(1, Math.max(0, 1 + Math.log10(norm / longest) / DECADES));
}

function arrow(name: string, x1: number, y1: number, x2: number, y2: number): SVGPathElement {
  const side = x2 === x1 ? 0 : Math.sign(x2 - x1);
  const head = side === 0
    ? `m-3 ${Math.sign(y1 - y2) * 4}l3 ${Math.sign(y2 - y1) * 4}l3 ${Math.sign(y1 - y2) * 4}`
    : `m${-4 * side} -3l${4 * side} 3l${-4 * side} 3`;
  return svg('path', { class: name, d: `M${x1} ${y1}L${x2} ${y2}${head}` });
}

export interface StripOptions {
  readonly labels: readonly string[];
  readonly norms: ArrayLike<number>;
  readonly cuts: readonly number[];
  readonly cell: number;
  /** What the boxes compute: `LSTM`. */
  readonly name: string;
}

/** A box a step. Blue arrows go forward, orange ones back, the fainter the shorter the gradient. */
export function unrolled(options: StripOptions): SVGSVGElement {
  const { labels, norms, cuts, cell } = options;
  const width = cell * labels.length;
  const longest = Math.max(...Array.from(norms));
  const side = Math.min(BOX, cell - 6);
  const drawing = svg('svg', { class: 'mc-strip', width, height: HEIGHT, role: 'img',
    'aria-label': `${options.name}, ${labels.length} steps, one box each` });
  if (cell < NARROW) {
    drawing.append(...narrow(options, longest));
    return drawing;
  }
  const words = clipped(labels, cell);
  labels.forEach((label, step) => {
    const middle = (step + 0.5) * cell;
    const box = svg('rect', { class: 'mc-step', x: middle - side / 2, y: TOP, rx: 4,
      width: side, height: BOX });
    const text = svg('text', { x: middle, y: HEIGHT - 4, 'text-anchor': 'middle' },
      words[step] ?? '');
    drawing.append(svg('g', {}, svg('title', {}, `step ${step + 1}: ${label}`), box,
      arrow('mc-go', middle, HEIGHT - 16, middle, TOP + BOX + 1),
      arrow('mc-go', middle, TOP, middle, 2), text));
    if (step === 0) return;
    const from = middle - cell + side / 2;
    const cut = cuts.includes(step);
    drawing.append(arrow('mc-go', from, TOP + 7, middle - side / 2, TOP + 7));
    const back = arrow('mc-back', middle - side / 2, TOP + 16, from, TOP + 16);
    back.style.opacity = cut ? '0' : String(strength(norms[step - 1] ?? 0, longest));
    drawing.append(back);
    if (cut) drawing.append(scissors(middle - cell / 2));
  });
  return drawing;
}

/** Many steps: boxes side by side, one arrow forward above them, one back below them that fades. */
function narrow({ labels, norms, cuts, cell }: StripOptions, longest: number): SVGElement[] {
  const end = cell * labels.length;
  const parts: SVGElement[] = [arrow('mc-go', 1, TOP - 9, end - 1, TOP - 9)];
  const words = clipped(labels, cell);
  labels.forEach((label, step) => {
    const left = step * cell;
    parts.push(svg('g', {}, svg('title', {}, `step ${step + 1}: ${label}`),
      svg('rect', { class: 'mc-step', x: left + 0.5, y: TOP, width: cell - 1, height: BOX }),
      svg('text', { x: left + cell / 2, y: HEIGHT - 4, 'text-anchor': 'middle' },
        words[step] ?? '')));
    if (step === 0) return;
    const y = TOP + BOX + 9;
    const back = step === 1 ? arrow('mc-back', left + cell / 2, y, 1, y)
      : svg('path', { class: 'mc-back', d: `M${left + cell / 2} ${y}h${-cell}` });
    const faint = strength(norms[step - 1] ?? 0, longest);
    back.style.opacity = cuts.includes(step) ? '0' : String(faint);
    parts.push(back);
    if (cuts.includes(step)) parts.push(scissors(left));
  });
  return parts;
}

function scissors(x: number): SVGElement {
  return svg('g', { class: 'mc-cut' },
    svg('title', {}, 'Cut: backward stops here'),
    svg('line', { x1: x, x2: x, y1: 0, y2: HEIGHT }),
    svg('text', { x, y: 12, 'text-anchor': 'middle' }, '\u2702'));
}

/** Labels in the width of a cell; of numbers that are too long for it only some are left. */
function clipped(labels: readonly string[], cell: number): readonly string[] {
  const most = Math.floor((cell - 2) / LETTER);
  const longest = Math.max(...labels.map(label => label.length));
  if (longest <= most) return labels;
  if (labels.every(label => /^\d+$/.test(label))) {
    const every = EVERY.find(count => count * cell > longest * LETTER + 8) ?? labels.length;
    return labels.map((label, step) => (step + 1) % every === 0 ? label : '');
  }
  return labels.map(label => label.length <= most ? label
    : most < 2 ? label.slice(0, 1) : `${label.slice(0, most - 1)}\u2026`);
}

/** One box with its loop. */
export function rolled(name: string, steps: number, label: string): SVGSVGElement {
  const drawing = svg('svg', { class: 'mc-strip', width: 220, height: HEIGHT, role: 'img',
    'aria-label': `${name}, rolled up: its output comes back as input, ${steps} times` });
  drawing.append(
    svg('rect', { class: 'mc-step', x: 40, y: TOP, width: 72, height: BOX, rx: 4 }),
    svg('text', { class: 'mc-name', x: 76, y: TOP + 15, 'text-anchor': 'middle' }, name),
    arrow('mc-go', 76, HEIGHT - 16, 76, TOP + BOX + 1),
    arrow('mc-go', 76, TOP, 76, 2),
    svg('path', { class: 'mc-go', d: `M112 ${TOP + 7}h22v34h-108v-30h14m-4 -3l4 3l-4 3` }),
    svg('text', { x: 140, y: TOP + 18 }, `\u21bb \u00d7 ${steps}`),
    svg('text', { x: 76, y: HEIGHT - 4, 'text-anchor': 'middle' }, label));
  return drawing;
}

/** The lengths of the gradients as bars on a logarithmic scale, with numbers where they fit. */
export function bars(norms: ArrayLike<number>, steps: readonly number[],
                     cell: number): SVGSVGElement {
  const longest = Math.max(...Array.from(norms));
  const drawing = svg('svg', { class: 'mc-norms', width: cell * steps.length, height: BAR + 14,
    role: 'img', 'aria-label': `Length of the gradient by h: ${
      steps.map(step => `step ${step + 1} ${number(norms[step] ?? 0)}`).join(', ')}` });
  const every = Math.max(1, Math.ceil(ROOM / cell));
  steps.forEach((step, k) => {
    const norm = norms[step] ?? 0;
    const height = Math.max(norm > 0 ? 2 : 0, strength(norm, longest) * (BAR - 4));
    const words = (steps.length - 1 - k) % every === 0 ? number(norm) : '';
    drawing.append(svg('g', {}, svg('title', {}, `step ${step + 1}: ${number(norm)}`),
      svg('rect', { class: 'mc-norm', x: k * cell + 1, y: BAR - height, width: cell - 2, height }),
      svg('text', { x: (k + 0.5) * cell, y: BAR + 11, 'text-anchor': 'middle' }, words)));
  });
  return drawing;
}
