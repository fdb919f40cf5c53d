/** Input, filter and output of one convolution, with the window that the cursor is at. */
import { html, limitsOf, number, type Cell, type Limits } from '../kit';
import {
  mapOf, outputSize, reach, seenBy, windowAt, type Maps, type Pair, type Windows
} from './convolve';
import { Field } from './field';
import { drawSum, sentence, type Sum } from './sums';

export interface Scene {
  readonly x: Maps;
  readonly channel: number;
  readonly titles: readonly [string, string, string];
  /** null: no convolution; then a cell of the output is only named */
  readonly filter: null | {
    readonly weights: Float32Array;
    readonly bias: number;
    readonly windows: Windows;
  };
  readonly y: Maps;
  /** Which map of y. */
  readonly map: number;
  readonly limits: Limits;
}

/** Pixels: the filter, and the least and the most that input and output take each. */
const FILTER = 84;
const SIZE = { least: 140, most: 252 };

export class ConvolutionStage {
  readonly element = html('div', { class: 'mc-stage' });
  private readonly fields = html('div', { class: 'mc-fields' });
  private readonly sums = html('div', { class: 'mc-sums' });
  private scene: Scene | null = null;
  private input: Field | null = null;
  private filter: Field | null = null;
  private output: Field | null = null;
  private built = '';

  /** `paint`: the input can be drawn on, at a row and column of the picture. */
  constructor(private readonly paint?: (row: number, column: number) => void) {
    this.element.append(this.fields, this.sums);
    this.rest();
  }

  show(scene: Scene): void {
    this.scene = scene;
    const { x, y, filter, channel, limits } = scene;
    this.build(scene);
    const pad: Pair = filter?.windows.pad ?? [0, 0];
    this.input?.show(mapOf(x, channel), x.height, x.width, limits, pad);
    if (filter !== null) {
      const [rows, columns] = filter.windows.kernel;
      const size = rows * columns;
      this.filter?.show(filter.weights.subarray(channel * size, (channel + 1) * size), rows,
        columns, limitsOf(filter.weights, 'sign'));
    }
    this.output?.show(mapOf(y, scene.map), y.height, y.width);
    this.name(scene);
  }

  private name({ titles, x, y }: Scene): void {
    const [input, filter, output] = titles;
    if (this.input !== null) this.input.title = `${input}, ${x.height} \u00d7 ${x.width}`;
    if (this.filter !== null) this.filter.title = filter;
    if (this.output !== null) this.output.title = `${output}, ${y.height} \u00d7 ${y.width}`;
  }

  /** Fields are made anew only if a size has changed, so that the cursor stays where it is. */
  private build({ x, y, filter, titles: [input, kernel, output], limits }: Scene): void {
    const room = (this.element.clientWidth || 600) - FILTER - 64;
    const size = Math.min(SIZE.most, Math.max(SIZE.least, Math.floor(room / 2)));
    const key = JSON.stringify([x.height, x.width, y.height, y.width, filter?.windows,
      limits[0] < 0, size]);
    if (key === this.built) return;
    this.built = key;
    const pad = filter?.windows.pad ?? [0, 0];
    const { paint } = this;
    this.input = new Field({
      title: input, map: limits[0] < 0 ? 'sign' : 'ink', size,
      height: x.height + 2 * pad[0], width: x.width + 2 * pad[1],
      point: cell => this.pointInput(cell),
      ...(paint === undefined ? {} : {
        paint: (row: number, column: number) => paint(row - pad[0], column - pad[1])
      })
    });
    this.output = new Field({
      title: output, map: 'sign', size, height: Math.max(x.height, y.height),
      width: Math.max(x.width, y.width), point: cell => this.pointOutput(cell),
      describe: cell => this.describe(cell)
    });
    this.filter = filter === null ? null : new Field({
      title: kernel, map: 'sign', height: filter.windows.kernel[0],
      width: filter.windows.kernel[1], size: FILTER
    });
    this.fields.replaceChildren(this.input.element,
      ...(this.filter === null ? [] : [this.filter.element]), this.output.element);
    this.rest();
  }

  private rest(): void {
    this.sums.replaceChildren(html('p', {},
      'Point at a cell of the output to see its window, the filter and the sum.'));
  }

  private pointOutput(cell: Cell | null): void {
    const { scene, input } = this;
    if (scene === null || cell === null) {
      input?.mark([]);
      return;
    }
    const { x, y, filter } = scene;
    if (filter === null) {
      if (x.height === y.height && x.width === y.width) input?.mark([[cell.row, cell.column]]);
      this.sums.replaceChildren(html('p', {}, this.describe(cell)));
      return;
    }
    const sum = this.sumAt(scene, cell);
    if (sum === null) return;
    input?.mark(sum.taps.map(tap => [tap.row, tap.column]));
    drawSum(this.sums, sum);
  }

  private sumAt({ x, filter, channel, limits }: Scene, cell: Cell): Sum | null {
    if (filter === null) return null;
    const { weights, windows, bias } = filter;
    return {
      taps: windowAt(x, weights, windows, channel, [cell.row, cell.column]),
      columns: windows.kernel[1], limits: [limits, limitsOf(weights, 'sign')],
      total: cell.value - bias, channels: x.channels, channel, bias, place: placeOf(cell)
    };
  }

  private describe(cell: Cell): string {
    const sum = this.scene === null ? null : this.sumAt(this.scene, cell);
    return sum === null ? `${placeOf(cell)}: ${number(cell.value)}` : sentence(sum);
  }

  private pointInput(cell: Cell | null): void {
    const { scene, output } = this;
    if (scene?.filter == null || cell === null) {
      output?.mark([]);
      return;
    }
    const seen = seenBy(scene.x, scene.filter.windows, cell.row, cell.column);
    output?.mark(seen);
    const windows = seen.length === 1 ? 'one window' : `${seen.length} windows`;
    this.sums.replaceChildren(html('p', {},
      `The pixel ${number(cell.value)} is seen by ${windows}, which are marked in the output.`));
  }
}

function placeOf({ row, column }: Cell): string {
  return `row ${row + 1}, column ${column + 1}`;
}

/** A sentence if not one window fits; '' if all is well. */
export function misfit(x: Maps, windows: Windows): string {
  if (Math.min(...outputSize(x, windows)) >= 1) return '';
  const room = Math.min(x.height + 2 * windows.pad[0], x.width + 2 * windows.pad[1]);
  return `The filter covers ${Math.max(reach(windows, 0), reach(windows, 1))} pixels, but picture `
    + `and padding have ${room}: choose a smaller filter or dilation, or more padding.`;
}
