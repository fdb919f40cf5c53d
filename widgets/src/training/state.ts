/** What Python tells about a training. */
import { choice, count, flag, list, measured, only, optional, orNull, real, record, table, text,
  tuple, variants, whole, type Check, type Checked } from '../kit';

const WORDS = text();
/** More than Python sends: points of a curve or a picture, classes, rows and columns of a grid. */
const POINTS = 10_000;
const CLASSES = 200;
const SIDE = whole(0, 256);

const STATUS = record({
  playing: flag,
  /** A Trainer does the work. */
  followed: flag,
  stage: choice('ready', 'forward', 'backward'),
  step: count,
  epoch: measured,
  loss: orNull(measured),
  length: orNull(measured),
  lr: orNull(measured),
  optimizer: WORDS,
  notice: WORDS,
  /** Its name and its size. */
  model: WORDS,
  alarm: flag
});
export type Status = Checked<typeof STATUS>;

export const CURVES = ['loss', 'accuracy', 'gradient_norm', 'weight_norm', 'test_loss',
  'test_accuracy'] as const;
export type Curve = (typeof CURVES)[number];
/** Points; null is a number that JSON lacks. */
const LINE = optional(list(tuple(real, orNull(real)), POINTS));
const LINES = record({ loss: LINE, accuracy: LINE, gradient_norm: LINE, weight_norm: LINE,
  test_loss: LINE, test_accuracy: LINE });
export type Curves = Checked<typeof LINES>;

export const EVERYTHING = record({
  curves: LINES,
  status: STATUS,
  optimizers: list(WORDS),
  examples: count,
  batch_size: count,
  /** What can be drawn of the model's answers. */
  fits: choice('regions', 'curve', 'scatter', ''),
  tested: flag,
  /** Examples are sentences in words, so that one can ask about others. */
  reads: flag,
  patience: count,
  speed: real
});
export type Everything = Checked<typeof EVERYTHING>;

export const NEWS = record({ curves: LINES, status: STATUS });

const GRID = only(
  record({ rows: SIDE, columns: SIDE, map: choice('sign', 'ink', 'magnitude'),
    values: list(orNull(real), 256 * 256) }),
  'as many values as rows and columns', grid => grid.values.length === grid.rows * grid.columns);
export type Grid = Checked<typeof GRID>;

const PICTURED = {
  number: count, grid: optional(GRID), words: optional(WORDS),
  /** The words are those of a text. */
  sentence: optional(flag)
};

const PREDICTION = record({
  ...PICTURED,
  target: optional(WORDS),
  said: optional(WORDS),
  share: optional(measured),
  right: optional(flag),
  /** Of the positions of a sequence: '3 of 5 right'. */
  hits: optional(WORDS),
  output: optional(GRID)
});
export type Prediction = Checked<typeof PREDICTION>;

const PREDICTIONS = record({
  examples: list(PREDICTION, CLASSES), source: WORDS,
  /** A sentence that somebody has typed, and what is to be said about it. */
  own: optional(record({
    ...PICTURED, said: optional(WORDS), share: optional(measured), note: optional(WORDS)
  }))
});
export type Predictions = Checked<typeof PREDICTIONS>;

const CONFUSION = record({
  table: list(list(count, CLASSES), CLASSES),
  labels: list(WORDS, CLASSES),
  members: table(list(count, CLASSES), CLASSES * CLASSES),
  right: count,
  count,
  source: WORDS,
  what: choice('examples', 'positions'),
  /** How many examples there are, if not all of them are counted. */
  of: optional(count)
});
export type Confusion = Checked<typeof CONFUSION>;

const PAIR = tuple(real, real);
export type Pair = Checked<typeof PAIR>;

const REGIONS = only(record({
  /** Rows and columns of cells; the first cell is the upper left one. */
  side: SIDE,
  /** From, to: from left to right, and from the bottom to the top. */
  bounds: tuple(real, real, real, real),
  said: list(count, 256 * 256),
  share: list(real, 256 * 256),
  labels: list(WORDS),
  /** x, y, the class it is, the class it is taken for, and its number. */
  points: list(tuple(real, real, count, count, count), POINTS),
  source: WORDS
}), 'a class for each cell', found => found.said.length === found.side ** 2);

const DOTS = record({
  points: list(PAIR, POINTS),
  curve: optional(list(PAIR, POINTS)),
  /** The share of the targets' variation that the model explains. */
  explained: orNull(measured),
  source: WORDS
});

const FIT = variants('form', { regions: REGIONS, curve: DOTS, scatter: DOTS });
export type Fit = Checked<typeof FIT>;
export type Regions = Extract<Fit, { form: 'regions' }>;
export type Points = Exclude<Fit, Regions>;

const HISTOGRAM = record({ counts: list(count, CLASSES), low: real, high: real, strange: count });
export type Histogram = Checked<typeof HISTOGRAM>;

const SPREAD = record({
  layers: list(record({
    name: WORDS, shape: list(count, 32), weights: HISTOGRAM, gradients: optional(HISTOGRAM)
  }))
});
export type Spread = Checked<typeof SPREAD>;

const INSIDE = record({
  parts: list(record({
    name: WORDS,
    kind: choice('filters', 'maps', 'time', 'numbers'),
    what: WORDS,
    count,
    grids: list(GRID, CLASSES),
    /** The words of a sentence, or the names of the classes, one a column. */
    steps: optional(list(WORDS, 256))
  }), POINTS),
  example: record(PICTURED),
  count
});
export type Inside = Checked<typeof INSIDE>;

/** What a tab shows, or the reason why it cannot. */
const SHOWN = variants('tab', { fit: FIT, predictions: PREDICTIONS, confusion: CONFUSION,
  spread: SPREAD, inside: INSIDE });
const REASON = record({
  tab: choice('fit', 'predictions', 'confusion', 'spread', 'inside'), reason: optional(WORDS)
});
export const LOOK: Check<Checked<typeof SHOWN> | { tab: string; reason: string }> =
  (value, where) => {
    const { tab, reason } = REASON(value, where);
    return reason === undefined ? SHOWN(value, where) : { tab, reason };
  };
export type Look = Checked<typeof LOOK>;

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
