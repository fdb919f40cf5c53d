/** Which box an arrow key leads to. */
import type { Layout, Rect } from './layout';
import type { Picture } from './picture';

export type Direction = 'up' | 'down' | 'left' | 'right';

/** Along a line where there is one in that direction, else to the next box beside. */
export function step(
  picture: Picture,
  layout: Layout,
  from: string,
  direction: Direction
): string | null {
  const here = layout.rects.get(from);
  if (here === undefined) return null;
  const joined = new Set<string>();
  for (const line of picture.lines.values()) {
    if (line.from === from) joined.add(line.to);
    if (line.to === from) joined.add(line.from);
  }
  return nearest(layout, here, joined, direction) ?? beside(picture, layout, here, from, direction);
}

function nearest(
  layout: Layout,
  here: Rect,
  keys: Iterable<string>,
  direction: Direction
): string | null {
  let best: string | null = null;
  let cost = Infinity;
  for (const key of keys) {
    const rect = layout.rects.get(key);
    if (rect === undefined || !lies(here, rect, direction)) continue;
    const dx = Math.abs(rect.x + rect.w / 2 - here.x - here.w / 2);
    const dy = Math.abs(rect.y + rect.h / 2 - here.y - here.h / 2);
    const upright = direction === 'up' || direction === 'down';
    const price = upright ? dy + 2 * dx : dx + 2 * dy;
    if (price < cost) {
      cost = price;
      best = key;
    }
  }
  return best;
}

function beside(
  picture: Picture,
  layout: Layout,
  here: Rect,
  from: string,
  direction: Direction
): string | null {
  if (direction === 'up' || direction === 'down') return null;
  const level: string[] = [];
  for (const key of picture.boxes.keys()) {
    const rect = layout.rects.get(key);
    if (key !== from && rect !== undefined && Math.abs(rect.y - here.y) < 60) level.push(key);
  }
  return nearest(layout, here, level, direction);
}

function lies(here: Rect, there: Rect, direction: Direction): boolean {
  const below = there.y >= here.y + here.h;
  const above = there.y + there.h <= here.y;
  switch (direction) {
    case 'down':
      return below;
    case 'up':
      return above;
    case 'left':
      return !below && !above && there.x + there.w <= here.x;
    case 'right':
      return !below && !above && there.x >= here.x + here.w;
  }
}
