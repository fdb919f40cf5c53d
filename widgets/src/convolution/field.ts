/** A map of numbers with windows drawn over it; a picture can also be drawn on. */
import {
  HeatMap, html, legend, limitsOf, svg, type Cell, type ColourMap, type Limits
} from '../kit';
import type { Pair } from './convolve';

const CELL = { least: 2, most: 26 };

export interface FieldOptions {
  readonly title: string;
  readonly map: ColourMap;
  readonly height: number;
  readonly width: number;
  /** The cell under the cursor, or null. */
  readonly point?: (cell: Cell | null) => void;
  /** Called for each cell that is drawn on. */
  readonly paint?: (row: number, column: number) => void;
  /** What a screen reader says about a cell. */
  readonly describe?: (cell: Cell) => string;
  /** Pixels that it takes on the screen, about. */
  readonly size: number;
}

export class Field {
  readonly element: HTMLElement;
  readonly heat: HeatMap;
  private readonly caption = html('figcaption', {});
  private readonly scale = html('div', {});
  private readonly over = svg('svg', { class: 'mc-over', 'aria-hidden': 'true' });
  private readonly cell: number;
  private at: Cell | null = null;
  private frame: SVGElement | null = null;
  private painting = false;

  constructor(private readonly options: FieldOptions) {
    const { title, map, height, width, point, describe, size } = options;
    const cell = Math.floor(size / Math.max(height, width));
    this.cell = Math.min(CELL.most, Math.max(CELL.least, cell));
    this.heat = new HeatMap({
      label: `${title}, ${height} by ${width}`, map, cell: this.cell,
      ...(point === undefined ? {} : { point: (at: Cell | null) => this.pointed(at) }),
      ...(describe === undefined ? {} : { describe })
    });
    this.heat.element.append(this.over);
    this.element = html('figure', { class: 'mc-field' }, this.caption, this.heat.element,
      this.scale);
    this.caption.textContent = title;
    if (options.paint !== undefined) this.drawable();
  }

  set title(text: string) {
    this.caption.textContent = text;
  }

  /** Show numbers; with `pad`, rows and columns of zeros stand around them. */
  show(values: Float32Array, height: number, width: number, limits?: Limits,
       pad: Pair = [0, 0]): void {
    const [rows, columns] = [height + 2 * pad[0], width + 2 * pad[1]];
    const shown = new Float32Array(rows * columns);
    for (let row = 0; row < height; row++) {
      shown.set(values.subarray(row * width, (row + 1) * width),
        (row + pad[0]) * columns + pad[1]);
    }
    this.heat.show(shown, rows, columns, limits);
    const { map } = this.options;
    if (map === 'sign') this.scale.replaceChildren(legend(map, limits ?? limitsOf(shown, map)));
    this.over.setAttribute('width', String(columns * this.cell));
    this.over.setAttribute('height', String(rows * this.cell));
    this.over.setAttribute('viewBox', `0 0 ${columns} ${rows}`);
    this.frame = pad[0] + pad[1] === 0 ? null : svg('path', {
      class: 'mc-pad', 'fill-rule': 'evenodd',
      d: `M0 0H${columns}V${rows}H0ZM${pad[1]} ${pad[0]}v${height}h${width}v${-height}Z`
    });
    this.mark([]);
  }

  /** Outline some cells. */
  mark(cells: readonly Pair[]): void {
    const boxes = cells.map(([row, column]) =>
      svg('rect', { class: 'mc-tap', x: column, y: row, width: 1, height: 1 }));
    this.over.replaceChildren(...(this.frame === null ? [] : [this.frame]), ...boxes);
  }

  private pointed(cell: Cell | null): void {
    this.at = cell;
    this.options.point?.(cell);
    if (cell !== null && this.painting) this.options.paint?.(cell.row, cell.column);
  }

  private drawable(): void {
    const { paint } = this.options;
    const surface = this.heat.element.querySelector('canvas');
    const stroke = (): void => {
      if (this.at !== null) paint?.(this.at.row, this.at.column);
    };
    this.heat.element.classList.add('mc-drawable');
    surface?.addEventListener('pointerdown', event => {
      this.painting = true;
      surface.setPointerCapture(event.pointerId);
      this.heat.point(Math.floor(event.offsetY / this.cell),
        Math.floor(event.offsetX / this.cell));
      stroke();
    });
    const stop = (): void => {
      this.painting = false;
    };
    surface?.addEventListener('pointerup', stop);
    surface?.addEventListener('pointercancel', stop);
    surface?.addEventListener('keydown', event => {
      if (event.key !== ' ' && event.key !== 'Enter') return;
      event.preventDefault();
      stroke();
    });
  }
}
