/** What Python tells about a training. */
import type { ColourMap } from '../kit';

export interface Status {
  readonly playing: boolean;
  /** A Trainer does the work. */
  readonly followed: boolean;
  readonly stage: 'ready' | 'forward' | 'backward';
  readonly step: number;
  readonly epoch: number;
  readonly loss: number | null;
  readonly length: number | null;
  readonly lr: number | null;
  readonly optimizer: string;
  readonly notice: string;
  /** Its name and its size. */
  readonly model: string;
  readonly alarm: boolean;
}

export const CURVES = ['loss', 'accuracy', 'gradient_norm', 'weight_norm', 'test_loss',
  'test_accuracy'] as const;
export type Curve = (typeof CURVES)[number];
/** Points; null is a number that JSON lacks. */
export type Curves =
  Readonly<Partial<Record<Curve, readonly (readonly [number, number | null])[]>>>;

export interface Everything {
  readonly curves: Curves;
  readonly status: Status;
  readonly optimizers: readonly string[];
  readonly examples: number;
  readonly batch_size: number;
  /** What can be drawn of the model's answers. */
  readonly fits: Fit['form'] | '';
  readonly tested: boolean;
  readonly patience: number;
  readonly speed: number;
}

export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly map: ColourMap;
  readonly values: readonly (number | null)[];
}

interface Pictured {
  readonly number: number;
  readonly grid?: Grid;
  readonly words?: string;
}

export interface Prediction extends Pictured {
  readonly target?: string;
  readonly said?: string;
  readonly share?: number;
  readonly right?: boolean;
  /** Of the positions of a sequence: '3 of 5 right'. */
  readonly hits?: string;
  readonly output?: Grid;
}

export interface Predictions {
  readonly examples: readonly Prediction[];
  readonly source: string;
}

export interface Confusion {
  readonly table: readonly (readonly number[])[];
  readonly labels: readonly string[];
  readonly members: Readonly<Record<string, readonly number[]>>;
  readonly right: number;
  readonly count: number;
  readonly source: string;
  readonly what: 'examples' | 'positions';
}

export type Pair = readonly [number, number];

export interface Regions {
  readonly form: 'regions';
  /** Rows and columns of cells; the first cell is the upper left one. */
  readonly side: number;
  /** From, to: from left to right, and from the bottom to the top. */
  readonly bounds: readonly [number, number, number, number];
  readonly said: readonly number[];
  readonly share: readonly number[];
  readonly labels: readonly string[];
  /** x, y, the class it is, the class it is taken for, and its number. */
  readonly points: readonly (readonly [number, number, number, number, number])[];
  readonly source: string;
}

export interface Points {
  readonly form: 'curve' | 'scatter';
  readonly points: readonly Pair[];
  readonly curve?: readonly Pair[];
  /** The share of the targets' variation that the model explains. */
  readonly explained: number | null;
  readonly source: string;
}

export type Fit = Regions | Points;

export interface Histogram {
  readonly counts: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly strange: number;
}

export interface Spread {
  readonly layers: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly weights: Histogram;
    readonly gradients?: Histogram;
  }[];
}

export interface Inside {
  readonly parts: readonly {
    readonly name: string;
    readonly kind: 'filters' | 'maps' | 'time' | 'numbers';
    readonly what: string;
    readonly count: number;
    readonly grids: readonly Grid[];
  }[];
  readonly example: Pictured;
  readonly count: number;
}

/** 'step 120, epoch 3.2'; what one reads beside the buttons. */
export function counts(status: Status, number: (value: number) => string): string {
  const parts = [`step ${status.step}`, `epoch ${status.epoch.toFixed(1)}`];
  if (status.loss !== null) parts.push(`loss of this batch ${number(status.loss)}`);
  if (status.stage === 'backward' && status.length !== null) {
    parts.push(`gradient norm ${number(status.length)}`);
  }
  return parts.join(', ');
}

/** What is going on, in a sentence. */
export function saying(status: Status): string {
  if (status.followed) {
    return 'A Trainer does the work: stop it with the stop button of the notebook.';
  }
  if (status.playing) return 'Training. Pause stops after the present batch.';
  switch (status.stage) {
    case 'forward':
      return 'Forward is done: the loss of this batch is known. Backward computes its gradients.';
    case 'backward':
      return 'The gradients are known. Step changes the weights with them.';
    case 'ready':
      return status.step === 0 ? '' : 'Paused. Train goes on from here.';
  }
}
