/** The SVG: keyed groups for boxes, lines, frames and chips; only what changed is touched. */
import type { Arranged, Chip, DrawnLine } from './arrange';
import { svg } from '../kit/dom';
import type { Face } from './face';
import type { Frame, Rect } from './layout';
import { look } from './look';
import type { Box } from './picture';
import { drawBox, moveTo } from './shapes';
import type { Stage, Update } from './stage';
import { clip, fitText } from './words';

export interface SceneEvents {
  pickBox(key: string): void;
  foldFrame(scope: number): void;
  stackFrame(scope: number): void;
  /** The sentence that a pointer resting on a box shows. */
  tip(key: string): string;
}

interface Drawn {
  group: SVGGElement;
  face: string;
  rect: Rect;
}

interface DrawnFrame {
  group: SVGGElement;
  shape: SVGRectElement;
  count: SVGTSpanElement;
  words: string;
}

const { signs, sizes } = look;

export class Scene {
  readonly surface: SVGSVGElement;
  readonly world: SVGGElement;
  private readonly frameLayer = svg('g');
  private readonly lineLayer = svg('g');
  private readonly boxLayer = svg('g');
  private readonly boxes = new Map<string, Drawn>();
  private readonly lines = new Map<string, SVGPathElement>();
  private readonly frames = new Map<number, DrawnFrame>();
  private readonly linesAt = new Map<string, SVGPathElement[]>();
  private readonly marks = new Map<string, string>();
  private settled = 0;

  constructor(
    private readonly stage: Stage,
    private readonly events: SceneEvents
  ) {
    this.world = svg('g', {}, this.frameLayer, this.lineLayer, this.boxLayer);
    this.surface = svg('svg', { class: 'mc-surface', tabindex: 0 }, this.world);
    this.surface.addEventListener('click', event => this.click(event));
    this.surface.addEventListener('pointerover', event => this.hover(event));
  }

  dispose(): void {
    window.clearTimeout(this.settled);
  }

  /** Take over an update; `fresh` boxes fade in. */
  draw(update: Update, moving: boolean): void {
    if (update.full) this.clearFor(update.arranged, moving);
    for (const box of update.arranged.boxes) this.drawBox(box, !update.full);
    for (const key of update.dirty) {
      const box = this.stage.picture.boxes.get(key);
      if (box !== undefined) this.drawBox(box, false);
    }
    for (const line of update.arranged.lines) this.drawLine(line);
    for (const chip of update.arranged.chips) this.drawChip(chip);
    if (update.arranged.boxes.length > 0) this.drawFrames();
  }

  /** Draw again all boxes whose face has changed; lines to and from what has not run yet fade. */
  refresh(): void {
    const unborn = new Set<string>();
    for (const [key, box] of this.stage.picture.boxes) {
      this.drawBox(box, false);
      if (this.stage.face(box).unborn) unborn.add(key);
    }
    for (const [key, path] of this.lines) {
      const line = this.stage.picture.lines.get(key);
      const faded = line !== undefined && (unborn.has(line.from) || unborn.has(line.to));
      path.classList.toggle('mc-unborn', faded);
    }
  }

  /** Set or take away a mark (selected, current, match) of one box. */
  mark(name: string, key: string | null): void {
    const before = this.marks.get(name);
    if (before !== undefined) this.setMark(before, name, false);
    if (key === null) this.marks.delete(name);
    else {
      this.marks.set(name, key);
      this.setMark(key, name, true);
    }
  }

  markAll(name: string, keys: ReadonlySet<string>): void {
    for (const [key, drawn] of this.boxes) drawn.group.classList.toggle(name, keys.has(key));
  }

  private setMark(key: string, name: string, on: boolean): void {
    this.boxes.get(key)?.group.classList.toggle(name, on);
    if (name !== 'mc-selected') return;
    for (const path of this.linesAt.get(key) ?? []) path.classList.toggle('mc-near', on);
  }

  /** Boxes that stay keep their group, so that they glide to their new place. */
  private clearFor(arranged: Arranged, moving: boolean): void {
    const stay = new Set(arranged.boxes.map(box => box.key));
    for (const [key, drawn] of this.boxes) {
      if (stay.has(key)) continue;
      drawn.group.remove();
      this.boxes.delete(key);
    }
    this.lineLayer.replaceChildren();
    this.frameLayer.replaceChildren();
    this.lines.clear();
    this.linesAt.clear();
    this.frames.clear();
    if (!moving) return;
    this.world.classList.add('mc-settling');
    window.clearTimeout(this.settled);
    this.settled = window.setTimeout(() => this.world.classList.remove('mc-settling'), 220);
  }

  private drawBox(box: Box, fresh: boolean): void {
    const rect = this.stage.arrangement.layout.rects.get(box.key);
    if (rect === undefined) return;
    const face = this.stage.face(box);
    const words = JSON.stringify(face);
    let drawn = this.boxes.get(box.key);
    if (drawn === undefined) {
      const group = svg('g', { 'data-key': box.key });
      drawn = { group, face: '', rect };
      this.boxes.set(box.key, drawn);
      this.boxLayer.append(group);
    }
    if (drawn.rect !== rect || drawn.face === '') moveTo(drawn.group, rect.x, rect.y);
    if (drawn.face !== words) this.fill(drawn, box, face, rect);
    if (fresh) drawn.group.classList.add('mc-new');
    drawn.rect = rect;
    drawn.face = words;
  }

  private fill(drawn: Drawn, box: Box, face: Face, rect: Rect): void {
    const passing = ['mc-new', 'mc-match'].filter(name => drawn.group.classList.contains(name));
    drawBox(drawn.group, face, rect);
    drawn.group.classList.add(...passing);
    for (const [name, key] of this.marks) {
      if (key === box.key) drawn.group.classList.add(name);
    }
  }

  private drawLine(drawn: DrawnLine): void {
    const { key, needsGrad, from, to } = drawn.line;
    if (this.lines.has(key)) return;
    const plain = needsGrad ? '' : ' mc-nograd';
    const path = svg('path', { class: `mc-line mc-${drawn.style}${plain}`, d: drawn.path });
    this.lines.set(key, path);
    this.lineLayer.append(path);
    if (drawn.times !== null) {
      const { x, y, words } = drawn.times;
      this.lineLayer.append(svg('text', { class: 'mc-times', x, y }, words));
    }
    for (const end of [from, to]) {
      const list = this.linesAt.get(end);
      if (list === undefined) this.linesAt.set(end, [path]);
      else list.push(path);
    }
  }

  private drawChip(chip: Chip): void {
    const leaf = this.stage.picture.boxes.get(chip.leaf);
    if (leaf === undefined) return;
    const { w, h } = chip.rect;
    const face = this.stage.face(leaf);
    const group = svg(
      'g',
      { 'data-key': chip.leaf, class: 'mc-box mc-chip' },
      svg('rect', { class: 'mc-shape', width: w, height: h, rx: h / 2 }),
      svg(
        'text',
        { class: 'mc-leafname', x: w / 2, y: h / 2 + 4 },
        `${signs.reused} ${fitText(face.name, w - 28, sizes['small-font'])}`
      )
    );
    moveTo(group, chip.rect.x, chip.rect.y);
    this.lineLayer.append(svg('path', { class: 'mc-line mc-reuse', d: chip.path }), group);
  }

  private drawFrames(): void {
    for (const frame of this.stage.arrangement.layout.frames.values()) {
      const drawn = this.frames.get(frame.id) ?? this.newFrame(frame);
      const words = `${frame.x} ${frame.y} ${frame.w} ${frame.h}`;
      if (drawn.words === words) continue;
      drawn.words = words;
      moveTo(drawn.group, frame.x, frame.y);
      drawn.shape.setAttribute('width', String(frame.w));
      drawn.shape.setAttribute('height', String(frame.h));
    }
    for (const [id, drawn] of this.frames) this.countCalls(id, drawn);
  }

  private newFrame(frame: Frame): DrawnFrame {
    const scope = this.stage.scope(frame.id);
    const path = scope?.path.split('/').at(-1) ?? '';
    const link = scope?.link ?? '';
    const call = (scope?.call ?? 1) > 1 ? ` #${scope?.call}` : '';
    const name = svg('tspan', { class: 'mc-path' }, clip(path === '' ? link : path, 12) + call);
    const kind = svg('tspan', { class: 'mc-detail', dx: 5 }, path === '' ? '' : clip(link, 11));
    const count = svg('tspan', { class: 'mc-count', 'data-stack': frame.id, dx: 6 });
    const words = svg('text', { x: 7, y: 14 }, `${signs.open} `, name, kind, count);
    const hit = svg('rect', {
      class: 'mc-hit',
      'data-frame': frame.id,
      width: 150,
      height: sizes['frame-header']
    });
    const shape = svg('rect', { class: 'mc-frame-shape', rx: 4 });
    const group = svg('g', { class: `mc-frame mc-depth${frame.depth % 2}` });
    group.append(shape, hit, words);
    const drawn = { group, shape, count, words: '' };
    this.frames.set(frame.id, drawn);
    this.frameLayer.append(group);
    return drawn;
  }

  private countCalls(id: number, drawn: DrawnFrame): void {
    const scope = this.stage.scope(id);
    const calls = scope === null ? 1 : this.stage.fold.callsOf(scope);
    const words = calls > 1 ? `${signs.repeat}${calls}` : '';
    if (drawn.count.textContent !== words) drawn.count.textContent = words;
  }

  private click(event: Event): void {
    if (!(event.target instanceof Element)) return;
    const frame = event.target.closest('[data-frame]')?.getAttribute('data-frame');
    const stack = event.target.closest('[data-stack]')?.getAttribute('data-stack');
    const key = event.target.closest('[data-key]')?.getAttribute('data-key');
    if (typeof key === 'string') this.events.pickBox(key);
    else if (typeof frame === 'string') this.events.foldFrame(Number(frame));
    else if (typeof stack === 'string') this.events.stackFrame(Number(stack));
  }

  /** Tooltips are written when a pointer first rests on a box. */
  private hover(event: Event): void {
    if (!(event.target instanceof Element)) return;
    const group = event.target.closest('[data-key]');
    const key = group?.getAttribute('data-key');
    if (group === null || typeof key !== 'string') return;
    group.querySelector('title')?.remove();
    group.prepend(svg('title', {}, this.events.tip(key)));
  }
}
