/** What Python tells a ConvExplorer. */
import type { Packed } from '../kit';
import type { Pair } from './convolve';

export interface Now {
  readonly index: number;
  readonly image: Packed;
  readonly stride: number;
  readonly pad: number;
  readonly dilate: number;
  readonly filter: string | null;
  readonly size: number | null;
}

export interface State {
  readonly pictures: Packed;
  readonly limits: Readonly<Record<'stride' | 'pad' | 'dilate', Pair>>;
  readonly filters?: readonly {
    readonly name: string;
    readonly sizes: Readonly<Record<string, Packed>>;
  }[];
  readonly now: Now;
}

export interface LayerTold {
  readonly layers: readonly string[];
  readonly layer: number;
  /** How many maps it has; at most 64 of them come. */
  readonly maps: number;
  readonly x: Packed;
  readonly y: Packed;
  readonly kernel: null | {
    readonly W: Packed; readonly b: Packed;
    readonly stride: Pair; readonly pad: Pair; readonly dilate: Pair;
  };
  readonly scores: Packed;
  readonly of: number;
  readonly best: number;
  readonly gradient: Packed;
}
