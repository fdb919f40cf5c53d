/** One box in words: for tooltips and for screen readers. */
import type { Box } from './picture';
import type { Stage } from './stage';
import { sumOf } from './sum';
import { bytes, say, short, type Translate } from './words';

const KINDS = { function: 'operation', variable: 'variable', parameter: 'parameter', data: 'data' };

export function describe(stage: Stage, box: Box, tr: Translate): string {
  const first = stage.model.nodes.get(box.members[0] ?? -1);
  if (first === undefined) return '';
  const face = stage.face(box);
  const parts: string[] = [];
  if (box.scope !== null) {
    const { path, link } = box.scope;
    parts.push(path === '' ? link : `${path} (${link})`);
    if (box.times > 1) parts.push(say(tr, '{0} calls', box.times));
    parts.push(say(tr, '{0} operations, folded', box.members.length));
  } else {
    const name = first.label === '' ? tr(KINDS[first.kind]) : first.label;
    parts.push(first.kind === 'function' ? name : `${tr(KINDS[first.kind])} ${first.label}`.trim());
    if (box.times > 1) parts.push(say(tr, '{0} times', box.times));
  }
  const shape = face.shape === '' ? stage.letters.shape(first) : face.shape;
  if (shape !== '') parts.push(`${shape}, ${first.dtypes[0] ?? ''}`);
  if (first.kind === 'function' && box.scope === null) {
    const kept = first.bytes_kept > 0 ? bytes(first.bytes_kept) : tr('nothing');
    const gone = face.released ? `, ${tr('released by now')}` : '';
    parts.push(say(tr, 'kept for backward: {0}{1}', kept, gone));
  } else if (box.kind !== 'leaf') {
    const all = box.members.reduce(
      (sum, id) => sum + (stage.model.nodes.get(id)?.bytes_kept ?? 0), 0);
    parts.push(say(tr, 'kept for backward: {0}{1}', bytes(all), ''));
  }
  const sum = box.times > 1 || box.scope !== null ? '' : sumOf(first, stage.model);
  if (sum !== '') parts.push(sum);
  const back = stage.model.gradients.get(first.id);
  if (back !== undefined) parts.push(say(tr, 'gradient norm {0}', short(back.norm)));
  if (back?.gathered !== undefined) {
    parts.push(say(tr, '{0} uses: one product gave the gradient of all of them', back.gathered));
  }
  if (face.bad) parts.push(tr('holds NaN or infinite numbers'));
  if (face.failed) parts.push(tr('the error was raised here'));
  if (face.differs === '+') parts.push(tr('only in this run'));
  if (face.differs === '~') parts.push(tr('has other shapes than in the other run'));
  return `${parts.join('; ')}.`;
}

/** The same, with where its inputs come from and its output goes. */
export function describeLinks(stage: Stage, box: Box, tr: Translate): string {
  const from: string[] = [];
  const to: string[] = [];
  const name = (key: string): string => {
    const other = stage.picture.boxes.get(key);
    return other === undefined ? '' : stage.face(other).name.trim();
  };
  for (const line of stage.picture.lines.values()) {
    if (line.to === box.key) from.push(name(line.from));
    if (line.from === box.key) to.push(name(line.to));
  }
  const takes = from.length > 0 ? say(tr, 'Takes {0}.', from.slice(0, 6).join(', ')) : '';
  const goes = to.length > 0 ? say(tr, 'Goes to {0}.', to.slice(0, 6).join(', ')) : '';
  return `${describe(stage, box, tr)} ${takes} ${goes}`.trim();
}
