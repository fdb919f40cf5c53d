/** What a user does in the scene: pick, walk, fold, search. */
import type { Card } from './card';
import type { Controls } from './controls';
import { describe, describeLinks } from './describe';
import { html } from '../kit/dom';
import type { Rect } from './layout';
import type { Box } from './picture';
import type { Scene } from './scene';
import { search } from './search';
import type { Stage, Update } from './stage';
import type { Viewport } from './viewport';
import { step, type Direction } from './walk';
import type { Translate } from './words';

const KEYS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right'
};

export interface Parts {
  stage: Stage;
  scene: Scene;
  viewport: Viewport;
  card: Card;
  controls: Controls;
}

export interface ExplorerEvents {
  /** Bring the scene up to date before the folding changes. */
  settle(): void;
  /** The folding has changed. */
  refolded(update: Update): void;
  /** The user looks somewhere: the view no longer follows the growth. */
  stay(): void;
  fit(): void;
}

export class Explorer {
  /** Says aloud where the keyboard is. */
  readonly live = html('div', { class: 'mc-live', 'aria-live': 'polite' });
  private current: string | null = null;
  private matches: string[] = [];
  private match = -1;

  constructor(
    private readonly parts: Parts,
    private readonly events: ExplorerEvents,
    private readonly tr: Translate
  ) {
    parts.scene.surface.addEventListener('keydown', event => this.key(event));
  }

  tip(key: string): string {
    const box = this.box(key);
    if (box === null) return '';
    const clicks = isFolded(box) ? 'Click to unfold, Enter for details.' : 'Click for details.';
    return `${describe(this.parts.stage, box, this.tr)} ${this.tr(clicks)}`;
  }

  /** A click: folded boxes unfold, others show their details. */
  pick(key: string): void {
    const box = this.box(key);
    if (box === null) return;
    if (isFolded(box)) this.unfold(key);
    else this.select(key);
  }

  select(key: string): void {
    const box = this.box(key);
    if (box === null) return;
    this.events.stay();
    this.parts.scene.mark('mc-selected', key);
    this.parts.card.show(box);
    this.setCurrent(key);
  }

  deselect(): void {
    const { scene, card } = this.parts;
    scene.mark('mc-selected', null);
    const hadFocus = card.element.contains(document.activeElement);
    card.hide();
    if (hadFocus) scene.surface.focus();
  }

  /** The graph has changed: show the news of the selected box. */
  refresh(): void {
    const { key } = this.parts.card;
    if (key === null) return;
    const box = this.box(key);
    if (box === null) this.deselect();
    else this.parts.card.show(box);
  }

  unfold(key: string): void {
    this.refold(() => this.parts.stage.fold.unfold(key), key);
  }

  /** Fold one call, or with `whole` all calls of its link into one stack. */
  foldFrame(id: number, whole: boolean): void {
    const { fold } = this.parts.stage;
    const scope = this.parts.stage.scope(id);
    if (scope === null) return;
    const key = whole ? fold.groupKey(scope) : fold.callKey(scope);
    this.refold(() => (whole ? fold.foldGroup(scope) : fold.foldCall(scope)), key);
  }

  /** Change the folding and keep the box in question where the eye is. */
  refold(change: () => void, key: string | null): void {
    const { stage, viewport } = this.parts;
    this.events.settle();
    const before = key === null ? null : this.anchor(key);
    change();
    this.events.refolded(stage.refold());
    const { rects, bounds } = stage.arrangement.layout;
    const member = before === null ? null : stage.boxOf(before.node);
    const after = rects.get(before?.box ?? '') ?? rects.get(member?.key ?? '');
    if (before === null || after === undefined) {
      viewport.fit(bounds, 0.8);
    } else {
      this.events.stay();
      viewport.anchor(before.rect, after);
    }
    if (member !== null) this.setCurrent(member.key, false);
  }

  /** Keep in view the box where the keyboard is. */
  reveal(): void {
    const rect = this.parts.stage.arrangement.layout.rects.get(this.current ?? '');
    if (rect !== undefined) this.parts.viewport.reveal(rect);
  }

  /** `move` 1 or -1: the next or last match; 0: the words have changed. */
  search(words: string, move: number): void {
    const { stage, scene, controls } = this.parts;
    const before = this.matches[this.match];
    const seeking = words.trim() !== '';
    this.matches = search(stage, words);
    scene.markAll('mc-match', new Set(this.matches));
    scene.world.classList.toggle('mc-seeking', seeking);
    const count = this.matches.length;
    const same = before === undefined ? 0 : Math.max(0, this.matches.indexOf(before));
    this.match = count === 0 ? -1 : (same + move + count) % count;
    const none = this.tr('nothing found');
    controls.showFound(!seeking ? '' : count === 0 ? none : `${this.match + 1} / ${count}`);
    const key = this.matches[this.match];
    if (key === undefined) return;
    this.events.stay();
    this.setCurrent(key);
  }

  private box(key: string): Box | null {
    return this.parts.stage.picture.boxes.get(key) ?? null;
  }

  /** Where a box, or what is inside of an open frame, stands before the folding changes. */
  private anchor(key: string): { box: string; node: number; rect: Rect } | null {
    const { picture, arrangement, fold, model } = this.parts.stage;
    const { rects } = arrangement.layout;
    const box = this.box(key);
    const rect = rects.get(key);
    if (box !== null && rect !== undefined) return { box: key, node: box.members[0] ?? -1, rect };
    for (const [id, name] of picture.boxOf) {
      const chain = fold.chain(model.nodes.get(id)?.scope ?? null);
      const inside = chain.some(scope => [fold.groupKey(scope), fold.callKey(scope)].includes(key));
      const at = rects.get(name);
      if (inside && at !== undefined) return { box: key, node: id, rect: at };
    }
    return null;
  }

  private setCurrent(key: string, reveal = true): void {
    const { stage, scene } = this.parts;
    this.current = key;
    scene.mark('mc-current', key);
    const box = this.box(key);
    if (box === null) return;
    this.live.textContent = describeLinks(stage, box, this.tr);
    if (reveal) this.reveal();
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const direction = KEYS[event.key];
    if (direction !== undefined) this.walk(direction);
    else if (!this.command(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private command(key: string): boolean {
    const { current } = this;
    switch (key) {
      case 'Enter':
        if (current !== null) this.select(current);
        return current !== null;
      case ' ':
        if (current !== null) this.toggleFold(current);
        return true;
      case 'Escape':
        this.deselect();
        return true;
      case '+':
      case '=':
        this.zoom(1.25);
        return true;
      case '-':
        this.zoom(0.8);
        return true;
      case '0':
        this.events.fit();
        return true;
      case '/':
        this.parts.controls.focusSearch();
        return true;
      default:
        return false;
    }
  }

  private zoom(factor: number): void {
    this.events.stay();
    this.parts.viewport.zoom(factor);
  }

  private walk(direction: Direction): void {
    const { picture, arrangement } = this.parts.stage;
    if (this.current === null || !picture.boxes.has(this.current)) {
      const first = [...picture.boxes.values()].find(box => box.kind !== 'leaf');
      if (first !== undefined) this.setCurrent(first.key);
      return;
    }
    const next = step(picture, arrangement.layout, this.current, direction);
    if (next === null) return;
    this.events.stay();
    this.setCurrent(next);
  }

  private toggleFold(key: string): void {
    const box = this.box(key);
    if (box === null) return;
    if (isFolded(box)) return this.unfold(key);
    const scope = box.frames.at(-1);
    if (scope !== undefined) this.foldFrame(scope, false);
  }
}

function isFolded(box: Box): boolean {
  return box.kind === 'stack' || box.kind === 'call' || box.kind === 'repeat';
}
