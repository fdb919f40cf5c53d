/** What Python tells a ConvExplorer. */
import { list, optional, orNull, packed, record, table, text, tuple, whole, type Checked }
  from '../kit';

/** Pixels that a window moves, or that are put around a picture: more than Python allows. */
const MOST = 64;
const index = whole();
const from0 = whole(0, MOST);
const from1 = whole(1, MOST);

export const STATE = record({
  /** (N, C, H, W) */
  pictures: packed(4),
  limits: record({ stride: tuple(from1, from1), pad: tuple(from0, from0),
    dilate: tuple(from1, from1) }),
  /** Without a network: filters by name, each in some sizes, (C, K, K). */
  filters: optional(list(record({ name: text(), sizes: table(packed(3)) }), 1_000)),
  now: record({ index, image: packed(3), stride: from1, pad: from0, dilate: from1,
    filter: orNull(text()), size: orNull(from1) })
});
export type State = Checked<typeof STATE>;

export const LAYER = record({
  layers: list(text(), 1_000),
  layer: index,
  /** How many maps it has; at most 64 of them come. */
  maps: index,
  x: packed(3),
  y: packed(3),
  kernel: orNull(record({ W: packed(4), b: packed(1), stride: tuple(from1, from1),
    pad: tuple(from0, from0), dilate: tuple(from1, from1) })),
  scores: packed(1),
  of: index,
  best: index,
  gradient: packed(3)
});
export type LayerTold = Checked<typeof LAYER>;
