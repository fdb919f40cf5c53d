/** What Python tells about one run of a recurrent link, and the rows that can be drawn of it. */
import { choice, list, only, packed, record, table, text, whole, type Checked, type ColourMap,
  type Limits } from '../kit';

/** More than Python lets through: steps of an example, units of a layer that are drawn. */
const MOST = 1_000;
const step = whole(0, MOST);

/** What Python tells; arrays (steps, numbers) of one unit of the link a column. */
export const TOLD = only(record({
  cell: choice('lstm', 'gru', 'rnn'), link: text(), layer: text(), layers: list(text(), MOST),
  units: whole(), shown: whole(0, MOST), example: whole(), examples: list(whole()), cut: step,
  cuts: list(step, MOST), labels: list(text(), MOST), activation: text(), loss: text(),
  verdict: text(), parts: table(packed(1, 2)), gradients: table(packed(2)), norms: packed(1)
}), 'a label for each step', told => told.labels.length === told.norms.data.length);
export type Told = Checked<typeof TOLD>;
export type Kind = Told['cell'];

/** The gates of a kind, in the order of their blocks in W and U. */
export const GATES: Readonly<Record<Kind, readonly string[]>> = {
  lstm: ['a', 'i', 'f', 'o'], gru: ['r', 'z', 'n'], rnn: []
};

const NAMES: Readonly<Record<string, string>> = {
  x: 'input x', a: 'candidate a', i: 'input gate i', f: 'forget gate f', o: 'output gate o',
  r: 'reset gate r', z: 'update gate z', n: 'candidate n', c: 'cell c', h: 'output h',
  gx: '\u2202L/\u2202x', gc: '\u2202L/\u2202c', gh: '\u2202L/\u2202h'
};
const BETWEEN_0_AND_1 = new Set(['i', 'f', 'o', 'r', 'z']);

export interface Row {
  readonly key: string;
  readonly name: string;
  readonly map: ColourMap;
  readonly limits: Limits;
  /** Units by steps: one line a unit. */
  readonly values: Float32Array;
  readonly units: number;
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export class Run {
  readonly steps: number;
  readonly norms: Float32Array;

  constructor(readonly told: Told) {
    this.norms = told.norms.data;
    this.steps = this.norms.length;
  }

  get keys(): string[] {
    const { cell } = this.told;
    const cells = cell === 'lstm' ? ['c'] : [];
    return ['x', ...GATES[cell], ...cells, 'h', ...cells.map(name => `g${name}`), 'gh', 'gx'];
  }

  /** One number of the parts: of a matrix its row `step`, of the bias the only one. */
  part(name: string, step: number, column: number): number {
    const { shape, data } = this.told.parts[name] ?? { shape: [0], data: new Float32Array() };
    if (shape.length === 1) return data[column] ?? NaN;
    return data[step * (shape[1] ?? 0) + column] ?? NaN;
  }

  /** Where the block of a gate begins, and the three numbers that meet in it. */
  sums(gate: string, step: number, unit: number): { wx: number; uh: number; b: number } {
    const block = Math.max(0, GATES[this.told.cell].indexOf(gate)) * this.told.shown;
    return {
      wx: this.part('Wx', step, block + unit),
      uh: this.part('Uh', step, block + unit),
      b: this.part('b', 0, block + unit)
    };
  }

  gate(name: string, step: number, unit: number): number {
    const { wx, uh, b } = this.sums(name, step, unit);
    if (name === 'n') return Math.tanh(wx + b + this.gate('r', step, unit) * uh);
    return name === 'a' ? Math.tanh(wx + uh + b) : sigmoid(wx + uh + b);
  }

  /** A state one step before; 0 at the beginning. */
  before(name: string, step: number, unit: number): number {
    return step === 0 ? 0 : this.part(name, step - 1, unit);
  }

  value(key: string, step: number, unit: number): number {
    if (GATES[this.told.cell].includes(key)) return this.gate(key, step, unit);
    if (!key.startsWith('g')) return this.part(key, step, unit);
    const { shape, data } = this.told.gradients[key.slice(1)] ?? { shape: [], data: [] };
    return data[step * (shape[1] ?? 0) + unit] ?? NaN;
  }

  /** One row of the picture, for some of the steps. */
  row(key: string, steps: readonly number[]): Row {
    const units = key === 'x' || key === 'gx'
      ? (this.told.gradients['x']?.shape[1] ?? 0) : this.told.shown;
    const every = this.rowOf(key, units, Array.from({ length: this.steps }, (_, step) => step));
    const limits: Limits = BETWEEN_0_AND_1.has(key) ? [0, 1]
      : key === 'a' || key === 'n' || key === 'h' ? [-1, 1] : largest(every);
    return {
      key, units, limits, name: NAMES[key] ?? key,
      map: BETWEEN_0_AND_1.has(key) ? 'magnitude' : 'sign',
      values: this.rowOf(key, units, steps)
    };
  }

  private rowOf(key: string, units: number, steps: readonly number[]): Float32Array {
    const values = new Float32Array(units * steps.length);
    for (let unit = 0; unit < units; unit++) {
      steps.forEach((step, k) => {
        values[unit * steps.length + k] = this.value(key, step, unit);
      });
    }
    return values;
  }
}

function largest(values: Float32Array): Limits {
  const most = values.reduce((so, value) => Math.max(so, Math.abs(value)), 0) || 1;
  return [-most, most];
}
