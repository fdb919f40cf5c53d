/**
 * The tidy pass at the end of a run: a branch that began beside the box placed before it moves up
 * as far as it can without leaving a gap, so that branches that run side by side stand so.
 */
import type { Layout } from './layout';
import type { Picture } from './picture';

/** Shorter ways are not worth a move. */
const WORTH = 24;

/** The heights at which branches should begin: by the key of a branch's first box. */
export function betterStarts(picture: Picture, layout: Layout): Map<string, number> {
  const inputs = new Map<string, string[]>();
  const outputs = new Map<string, string[]>();
  for (const line of picture.lines.values()) {
    if (line.kind !== 'flow') continue;
    push(inputs, line.to, line.from);
    push(outputs, line.from, line.to);
  }
  const better = new Map<string, number>();
  const before = new Set<string>();
  for (const box of picture.boxes.values()) {
    if (box.kind === 'leaf') continue;
    const start = layout.starts.get(box.key);
    if (start !== undefined && before.size > 0) {
      const rise = riseOf(box.key, before, inputs, outputs, layout);
      if (rise > WORTH) better.set(box.key, Math.max(layout.bounds.top, start - rise));
    }
    before.add(box.key);
  }
  return better;
}

/** How far a branch ends below the other input of the box where it joins. */
function riseOf(
  first: string,
  before: ReadonlySet<string>,
  inputs: ReadonlyMap<string, string[]>,
  outputs: ReadonlyMap<string, string[]>,
  layout: Layout
): number {
  const branch = new Set([first]);
  let end = first;
  for (;;) {
    const next = outputs.get(end)?.[0];
    if (next === undefined || branch.has(next)) return 0;
    const others = (inputs.get(next) ?? []).filter(key => before.has(key));
    if (others.length > 0) {
      const bottoms = others.map(key => bottom(layout, key));
      return bottom(layout, end) - Math.max(...bottoms);
    }
    branch.add(next);
    end = next;
  }
}

function bottom(layout: Layout, key: string): number {
  const rect = layout.rects.get(key);
  return rect === undefined ? 0 : rect.y + rect.h;
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
