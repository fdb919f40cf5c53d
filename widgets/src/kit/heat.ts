/** Numbers as colours: one cell a number, with a cursor that mouse and arrow keys move. */
import table from './colours.json';
import { html } from './dom';
import { number } from './number';

export type ColourMap = keyof typeof table;
export type Colour = readonly [number, number, number];
export type Limits = readonly [number, number];

/** The colour of a number: from the first colour of the map at `low` to the last one at `high`. */
export function colourOf(value: number, map: ColourMap, [low, high]: Limits): Colour {
  const stops = table[map] as unknown as readonly Colour[];
  const span = high - low || 1;
  const place = Math.min(1, Math.max(0, (value - low) / span)) * (stops.length - 1);
  const first = Math.min(Math.floor(place), stops.length - 2);
  const [from, to] = [stops[first], stops[first + 1]];
  if (from === undefined || to === undefined || Number.isNaN(value)) return [176, 0, 32];
  const mix = (k: 0 | 1 | 2): number => Math.round(from[k] + (to[k] - from[k]) * (place - first));
  return [mix(0), mix(1), mix(2)];
}

/** Smallest and largest number; for "sign" as far below zero as above. */
export function limitsOf(values: ArrayLike<number>, map: ColourMap): Limits {
  let [low, high] = [Infinity, -Infinity];
  for (let k = 0; k < values.length; k++) {
    const value = values[k];
    if (value === undefined || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 1];
  if (map !== 'sign') return [low, high];
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  return [-most, most];
}

/** Black or white, whichever is easier to read on the colour. */
export function inkOn([r, g, b]: Colour): string {
  return 0.299 * r + 0.587 * g + 0.114 * b > 110 ? '#000000' : '#ffffff';
}

export interface HeatMapOptions {
  /** What one sees, for those who cannot see it. */
  readonly label: string;
  readonly map: ColourMap;
  /** Width and height of a cell on the screen, in pixels. */
  readonly cell: number;
  readonly cellHeight?: number;
  /** Red, green, blue and opacity of the cell with this number, in place of the map. */
  readonly colour?: (index: number) => readonly [number, number, number, number];
  /** Called with the cell under the cursor, and with null when the cursor leaves. */
  readonly point?: (cell: Cell | null) => void;
  /** What a screen reader says about the cell under the cursor. */
  readonly describe?: (cell: Cell) => string;
}

export interface Cell {
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

export class HeatMap {
  readonly element: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly cursor = html('div', { class: 'mc-cursor', hidden: '' });
  private readonly spoken = html('span', { class: 'mc-unseen', role: 'status' });
  private values: ArrayLike<number> = [];
  private rows = 0;
  private columns = 0;
  private at: Cell | null = null;

  constructor(private readonly options: HeatMapOptions) {
    this.canvas = html('canvas', {
      class: 'mc-heat', role: 'img', 'aria-label': options.label, width: 1, height: 1
    });
    this.element = html('div', { class: 'mc-heatmap' }, this.canvas, this.cursor, this.spoken);
    if (options.point !== undefined) this.follow();
  }

  /** Draw numbers, row by row. Without limits, those of the numbers themselves. */
  show(values: ArrayLike<number>, rows: number, columns: number, limits?: Limits): void {
    [this.values, this.rows, this.columns] = [values, rows, columns];
    const { map, cell, cellHeight = cell, colour } = this.options;
    const { canvas } = this;
    [canvas.width, canvas.height] = [Math.max(columns, 1), Math.max(rows, 1)];
    canvas.style.width = `${columns * cell}px`;
    canvas.style.height = `${rows * cellHeight}px`;
    const context = canvas.getContext('2d');
    if (context === null || rows * columns === 0) return;
    const picture = context.createImageData(columns, rows);
    const range = limits ?? limitsOf(values, map);
    for (let k = 0; k < rows * columns; k++) {
      picture.data.set(colour?.(k) ?? [...colourOf(values[k] ?? NaN, map, range), 255], 4 * k);
    }
    context.putImageData(picture, 0, 0);
  }

  /** Put the cursor on a cell, or take it away. */
  point(row: number | null, column = 0): void {
    const { cell, cellHeight = cell, point, describe } = this.options;
    const inside = row !== null && row >= 0 && row < this.rows && column >= 0
      && column < this.columns;
    this.cursor.hidden = !inside;
    if (!inside || row === null) {
      if (this.at !== null) point?.(null);
      this.at = null;
      return;
    }
    if (this.at?.row === row && this.at.column === column) return;
    this.at = { row, column, value: this.values[row * this.columns + column] ?? NaN };
    this.cursor.style.cssText = `left: ${column * cell}px; top: ${row * cellHeight}px; `
      + `width: ${cell}px; height: ${cellHeight}px`;
    this.spoken.textContent = describe?.(this.at)
      ?? `row ${row}, column ${column}: ${this.at.value}`;
    point?.(this.at);
  }

  private follow(): void {
    const { cell, cellHeight = cell } = this.options;
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'application');
    this.canvas.setAttribute('aria-roledescription', 'table of colours, walk with the arrow keys');
    this.canvas.addEventListener('pointermove', event => {
      this.point(Math.floor(event.offsetY / cellHeight), Math.floor(event.offsetX / cell));
    });
    this.canvas.addEventListener('pointerleave', () => this.point(null));
    this.canvas.addEventListener('blur', () => this.point(null));
    this.canvas.addEventListener('focus', () => {
      if (this.at === null && this.canvas.matches(':focus-visible')) this.point(0, 0);
    });
    this.canvas.addEventListener('keydown', event => {
      const steps: Record<string, Limits> = {
        ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]
      };
      const step = steps[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const { row, column } = this.at ?? { row: 0, column: 0 };
      this.point(Math.min(Math.max(row + step[0], 0), this.rows - 1),
        Math.min(Math.max(column + step[1], 0), this.columns - 1));
    });
  }
}

/** A bar with the colours of the map from its lowest to its highest number. */
export function legend(map: ColourMap, [low, high]: Limits, words = ''): HTMLElement {
  const stops = table[map].map(colour => `rgb(${colour.join(' ')})`).join(', ');
  const bar = html('span', { class: 'mc-scale' });
  bar.style.background = `linear-gradient(to right, ${stops})`;
  return html('span', { class: 'mc-scales' }, number(low), bar, number(high),
    ...(words === '' ? [] : [` ${words}`]));
}
