/** The cells of a batch: which are words, which are padding, and which are computed at once. */
import { svg } from '../kit';

export type Way = 'padded' | 'each' | 'shrinking';
export const WAYS: readonly Way[] = ['padded', 'each', 'shrinking'];

/** Units of the drawing; it is scaled to the room there is. */
const WIDTH = 240;
const TALLEST = 200;
const LARGEST = 22;
const GAP = 1;

export interface Row {
  /** Which sentence of the batch it is. */
  readonly sentence: number;
  readonly length: number;
}

/** The rows from top to bottom: a shrinking batch has the longest sentence first. */
export function rowsOf(way: Way, lengths: readonly number[]): Row[] {
  const rows = lengths.map((length, sentence) => ({ sentence, length }));
  return way === 'shrinking' ? rows.sort((a, b) => b.length - a.length) : rows;
}

/** Lengths for a batch of another size, as Python's `padding.stretch` makes them. */
export function stretch(given: readonly number[], batch: number, spread: number): number[] {
  const some = Array.from({ length: batch }, (_, k) => given[k % given.length] ?? 1);
  const longest = Math.max(...some);
  return some.map(length => Math.floor(longest - spread * (longest - length) + 0.5));
}

export interface Sizes {
  readonly width: number;
  readonly height: number;
  readonly cell: number;
  readonly row: number;
}

export function sizesOf(lengths: readonly number[]): Sizes {
  const height = Math.min(LARGEST * lengths.length, TALLEST);
  const cell = Math.min(LARGEST, WIDTH / Math.max(...lengths));
  return { width: WIDTH, height, cell, row: height / lengths.length };
}

/** Draw the cells into an SVG element; the chosen sentence is lit. */
export function drawCells(
  target: SVGSVGElement,
  way: Way,
  lengths: readonly number[],
  chosen: number | null
): void {
  const { width, height, cell, row } = sizesOf(lengths);
  const longest = Math.max(...lengths);
  const parts: SVGElement[] = [];
  const box = (kind: string, x: number, y: number, w: number, h: number): number =>
    parts.push(svg('rect', { class: kind, x, y, width: w, height: h }));
  rowsOf(way, lengths).forEach(({ sentence, length }, k) => {
    const [y, end] = [k * row, length * cell];
    box(sentence === chosen ? 'mc-word mc-chosen' : 'mc-word', 0, y, end, row);
    if (way !== 'padded' || length === longest) return;
    box('mc-padding', end, y, (longest - length) * cell, row);
    const strokes = Array.from({ length: longest - length }, (_, n) =>
      `M${end + n * cell} ${y + row}L${end + (n + 1) * cell} ${y}`);
    parts.push(svg('path', { class: 'mc-hatch', d: strokes.join('') }));
  });
  for (let t = 1; t < longest; t++) box('mc-gap', t * cell - GAP / 2, 0, GAP, height);
  if (way === 'each') {
    for (let k = 1; k < lengths.length; k++) box('mc-gap', 0, k * row - GAP / 2, WIDTH, GAP);
  }
  target.setAttribute('preserveAspectRatio', 'xMinYMin');
  target.setAttribute('viewBox', `0 0 ${width} ${height}`);
  target.replaceChildren(...parts);
}
