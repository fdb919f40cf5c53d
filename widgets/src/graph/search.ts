/** Finds boxes by the words of the nodes that they stand for. */
import type { Stage } from './stage';

export function search(stage: Stage, words: string): string[] {
  const wanted = words.trim().toLowerCase();
  if (wanted === '') return [];
  const found = new Set<string>();
  for (const [id, key] of stage.picture.boxOf) {
    if (found.has(key)) continue;
    const node = stage.model.nodes.get(id);
    if (node === undefined) continue;
    const scope = stage.fold.chain(node.scope).at(-1);
    const texts = [node.label, node.symbol, scope?.path, scope?.link, node.where?.code];
    if (texts.some(text => text?.toLowerCase().includes(wanted) === true)) found.add(key);
  }
  const { rects } = stage.arrangement.layout;
  return [...found]
    .filter(key => rects.has(key))
    .sort((a, b) => (rects.get(a)?.y ?? 0) - (rects.get(b)?.y ?? 0));
}
