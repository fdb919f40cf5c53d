/** The live graph as a whole: heading, controls, scene, details, status. */
import { Card } from './card';
import { Controls } from './controls';
import { describe, describeLinks } from './describe';
import { html } from './dom';
import { EXAMPLE, EXAMPLE_CODE } from './example';
import type { Rect } from './layout';
import { legend } from './legend';
import { heatSpan, look } from './look';
import { parseMessage, type FrontMessage, type KernelMessage, type Phase } from './protocol';
import { Scene } from './scene';
import { search } from './search';
import { MOST, Stage, type Update } from './stage';
import { Viewport } from './viewport';
import { step, type Direction } from './walk';
import { say, short, type Translate } from './words';

export interface GraphViewOptions {
  /** Hands a message to whoever talks to the kernel. */
  send(message: FrontMessage): void;
  /** Replaces the line under the title. */
  hint?: string;
  /** Translates a visible text; the identity when missing. */
  translate?: (text: string) => string;
}

const PHASES: Readonly<Record<Phase, string>> = {
  idle: '',
  forward: '\u25bc forward',
  backward: '\u25b2 backward',
  update: '\u2713 update'
};

const KEYS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right'
};

/** Ask for the whole state at most once in so many milliseconds. */
const PATIENCE = 1_000;

export class GraphView {
  private readonly stage = new Stage();
  private readonly scene: Scene;
  private readonly viewport: Viewport;
  private readonly controls: Controls;
  private readonly card: Card;
  private readonly tr: Translate;
  private readonly heading = html('h2', { class: 'mc-title' });
  private readonly phase = html('span', { class: 'mc-phase' });
  private readonly hint = html('p', { class: 'mc-hint' });
  private readonly status = html('span', { class: 'mc-status', role: 'status' });
  private readonly heat = html('span', { class: 'mc-heatscale', hidden: '' });
  private readonly live = html('div', { class: 'mc-live', 'aria-live': 'polite' });
  private readonly legend: HTMLElement;
  private readonly root: HTMLElement;
  private pending: Update[] = [];
  private frame = 0;
  private follows = true;
  private example = false;
  private disposed = false;
  private asked = -Infinity;
  private current: string | null = null;
  private newest: Rect | null = null;
  private lit: Rect | null = null;
  private matches: string[] = [];
  private match = -1;
  private notice = '';
  private alarm = '';

  constructor(
    host: HTMLElement,
    private readonly options: GraphViewOptions
  ) {
    this.tr = options.translate ?? (text => text);
    const { tr } = this;
    this.scene = new Scene(this.stage, {
      pickBox: key => this.pick(key),
      foldFrame: id => this.foldFrame(id, false),
      stackFrame: id => this.foldFrame(id, true),
      tip: key => this.tip(key)
    });
    this.card = new Card(
      this.stage,
      {
        ask: (id, what) => options.send({ t: 'ask', id, what }),
        show: key => this.select(key),
        unfold: key => this.unfold(key),
        stack: scope => this.foldFrame(scope.id, true),
        close: () => this.deselect()
      },
      tr
    );
    this.controls = new Controls(
      {
        fit: () => this.fit(),
        zoom: factor => this.zoom(factor),
        foldAll: () => this.refold(() => this.stage.fold.foldAll(), null),
        unfoldAll: () => this.refold(() => this.stage.fold.unfoldAll(), null),
        follow: on => this.setFollow(on),
        pause: on => options.send({ t: 'pause', on }),
        search: (words, move) => this.search(words, move),
        legend: on => (this.legend.hidden = !on)
      },
      tr
    );
    this.legend = legend(tr);
    const { surface, world } = this.scene;
    const label = tr('Computation graph. Use the arrow keys to walk from box to box.');
    surface.setAttribute('role', 'application');
    surface.setAttribute('aria-label', label);
    surface.addEventListener('keydown', event => this.key(event));
    const main = html('div', { class: 'mc-main' });
    const code = html('pre', { class: 'mc-code' }, EXAMPLE_CODE);
    const scene = html('div', { class: 'mc-scene' }, surface, code, this.legend);
    main.append(scene, this.card.element);
    const head = html('header', { class: 'mc-head' }, this.heading, this.phase);
    const foot = html('footer', { class: 'mc-foot' }, this.status, this.heat);
    this.root = html('div', { class: 'mc-graph' });
    this.root.append(head, this.hint, this.controls.element, this.controls.searchRow);
    this.root.append(main, foot, this.live);
    host.append(this.root);
    this.viewport = new Viewport(surface, world, {
      moved: () => this.setFollow(false),
      resized: () => this.look(),
      bounds: () => this.stage.arrangement.layout.bounds
    });
    this.showExample();
    options.send({ t: 'ready' });
  }

  /** Take a message of the kernel, of whatever form; what is wrong is said in the status line. */
  receive(message: unknown): void {
    if (this.disposed) return;
    const parsed = parseMessage(message);
    if (!parsed.ok) {
      this.alarm = say(this.tr, 'A message was ignored: {0}', parsed.error);
      this.showStatus();
      return;
    }
    this.take(parsed.value);
  }

  /** Show the whole graph. */
  fit(): void {
    this.flush();
    this.setFollow(false);
    this.viewport.fit(this.stage.arrangement.layout.bounds);
  }

  /** Forget the graph, for example because the kernel was restarted. */
  clear(reason?: string): void {
    this.pending = [];
    this.deselect();
    this.stage.clear();
    this.notice = reason ?? '';
    this.alarm = '';
    this.showExample();
  }

  /** One sentence for the line at the bottom. */
  setStatus(text: string): void {
    this.notice = text;
    this.showStatus();
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    cancelAnimationFrame(this.frame);
    this.viewport.dispose();
    this.scene.dispose();
    this.root.remove();
  }

  private take(message: KernelMessage): void {
    if (message.t === 'answer') return this.card.answer(message);
    if (message.t === 'note') return this.setStatus(message.text);
    if (message.t === 'error') this.alarm = message.text;
    if (message.t === 'state' && message.nodes.length === 0) {
      if (!this.example) this.clear();
      return;
    }
    const update = this.stage.apply(message);
    const change = update.change;
    if (change?.reset === true) {
      this.pending = [];
      this.alarm = '';
      this.example = false;
      this.newest = this.lit = null;
    }
    if (change?.lost === true) this.sync();
    if (change !== null && change.complaint !== null) this.alarm = change.complaint;
    this.pending.push(update);
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.flush());
  }

  private sync(): void {
    const now = Date.now();
    if (now - this.asked < PATIENCE) return;
    this.asked = now;
    this.options.send({ t: 'sync' });
  }

  /** Draw all that has come since the last frame. */
  private flush(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (this.pending.length === 0) return;
    const updates = this.pending;
    this.pending = [];
    for (const update of updates) {
      this.scene.draw(update, update.full && update.change?.reset !== true);
      this.trackNewest(update);
    }
    if (this.card.key !== null) this.refreshCard();
    this.showHead();
    this.showStatus();
    this.look();
  }

  private trackNewest(update: Update): void {
    const { rects } = this.stage.arrangement.layout;
    if (update.full) this.newest = null;
    for (const box of update.arranged.boxes) {
      if (box.kind !== 'leaf') this.newest = rects.get(box.key) ?? this.newest;
    }
    this.lit = null;
    if (this.stage.model.phase !== 'backward') return;
    for (const id of update.change?.touched ?? []) {
      const box = this.stage.boxOf(id);
      if (box !== null && box.kind !== 'leaf') this.lit = rects.get(box.key) ?? this.lit;
    }
  }

  /** Move the view as the follow switch wants it. */
  private look(): void {
    const { bounds } = this.stage.arrangement.layout;
    if (this.example) return this.viewport.fit(bounds);
    if (!this.follows) return;
    if (this.stage.model.phase === 'forward') this.viewport.follow(bounds, this.newest);
    else if (this.lit !== null) this.viewport.reveal(this.lit);
    else this.viewport.fit(bounds, 0.8);
  }

  private setFollow(on: boolean): void {
    if (this.follows === on) return;
    this.follows = on;
    this.controls.setFollow(on);
    if (on) this.look();
  }

  private zoom(factor: number): void {
    this.setFollow(false);
    this.viewport.zoom(factor);
  }

  private showExample(): void {
    this.example = true;
    this.pending = [];
    const update = this.stage.apply(EXAMPLE);
    this.scene.draw({ ...update, full: true }, false);
    this.showHead();
    this.showStatus();
    this.look();
  }

  private showHead(): void {
    const { model } = this.stage;
    this.root.classList.toggle('mc-example', this.example);
    const plain = this.example ? this.tr('An example: y = exp(x w + b)') : this.tr('Live graph');
    this.heading.textContent = model.title ?? plain;
    this.phase.textContent = this.tr(PHASES[model.phase]);
    this.phase.className = `mc-phase mc-phase-${model.phase}`;
    this.hint.textContent = this.hintText();
    this.showHeat();
  }

  private hintText(): string {
    if (this.example) {
      return this.tr('Run a cell that computes with minichain: your own graph grows here.');
    }
    if (this.options.hint !== undefined) return this.options.hint;
    if (this.stage.model.gradients.size > 0) {
      return this.tr('Orange shows how much gradient (\u2207) reached each box. Click one.');
    }
    for (const box of this.stage.picture.boxes.values()) {
      if (box.kind !== 'stack' && box.kind !== 'call') continue;
      return this.tr('Each box is an operation, in the order of your code. Click \u25b8 to unfold.');
    }
    return this.tr('Each box is an operation, in the order of your code. Click one for details.');
  }

  private showHeat(): void {
    const { low, high } = this.stage.model.norms;
    this.heat.hidden = high === 0;
    if (high === 0) return;
    const floor = high / 10 ** heatSpan(low, high);
    const steps = look.colors.light.heat.map((_, level) =>
      html('span', { class: `mc-heatstep mc-heat${level}` })
    );
    this.heat.title = this.tr('Gradient size (L2 norm), on a logarithmic scale');
    this.heat.replaceChildren(`${look.signs.gradient} ${short(floor)}`, ...steps, short(high));
  }

  private showStatus(): void {
    const { model, picture } = this.stage;
    const parts: string[] = [];
    if (!this.example) {
      let operations = 0;
      let parameters = 0;
      for (const node of model.nodes.values()) {
        if (node.kind === 'function') operations += 1;
        if (node.kind === 'parameter') parameters += 1;
      }
      parts.push(say(this.tr, '{0} operations, {1} parameters', operations, parameters));
      if (picture.boxes.size < model.nodes.size / 2) {
        parts.push(say(this.tr, 'drawn as {0} boxes', picture.boxes.size));
      }
      if (model.truncated > 0) parts.push(say(this.tr, '{0} not drawn', model.truncated));
    }
    if (this.notice !== '') parts.push(this.notice);
    if (this.alarm !== '') parts.push(this.alarm);
    this.status.textContent = parts.join(' \u00b7 ');
    this.status.title = this.status.textContent;
    this.status.classList.toggle('mc-alarm', this.alarm !== '');
  }

  private tip(key: string): string {
    const box = this.stage.picture.boxes.get(key);
    if (box === undefined) return '';
    const folded = box.kind === 'stack' || box.kind === 'call' || box.kind === 'repeat';
    const more = folded ? this.tr('Click to unfold, Enter for details.') : this.tr('Click for details.');
    return `${describe(this.stage, box, this.tr)} ${more}`;
  }

  private pick(key: string): void {
    const box = this.stage.picture.boxes.get(key);
    if (box === undefined) return;
    if (box.kind === 'leaf' || box.kind === 'function') this.select(key);
    else this.unfold(key);
  }

  private select(key: string): void {
    const box = this.stage.picture.boxes.get(key);
    if (box === undefined) return;
    this.setFollow(false);
    this.scene.mark('mc-selected', null);
    this.scene.mark('mc-selected', key);
    this.card.show(box);
    this.setCurrent(key);
  }

  private deselect(): void {
    this.scene.mark('mc-selected', null);
    const hadFocus = this.card.element.contains(document.activeElement);
    this.card.hide();
    if (hadFocus) this.scene.surface.focus();
  }

  private refreshCard(): void {
    const key = this.card.key;
    if (key === null) return;
    const box = this.stage.picture.boxes.get(key);
    if (box === undefined) this.deselect();
    else this.card.show(box);
  }

  private unfold(key: string): void {
    this.refold(() => this.stage.fold.unfold(key), key);
  }

  private foldFrame(id: number, whole: boolean): void {
    const scope = this.stage.scope(id);
    if (scope === null) return;
    const { fold } = this.stage;
    const key = whole ? fold.groupKey(scope) : fold.callKey(scope);
    this.refold(() => (whole ? fold.foldGroup(scope) : fold.foldCall(scope)), key);
  }

  /** Change the folding and keep the box in question where the eye is. */
  private refold(change: () => void, key: string | null): void {
    this.flush();
    const before = this.anchorOf(key);
    change();
    const update = this.stage.refold();
    this.scene.draw(update, true);
    this.trackNewest(update);
    this.refreshCard();
    const after = this.stage.arrangement.layout.rects.get(before?.box ?? '') ?? null;
    const member = this.stage.boxOf(before?.node ?? -1);
    const near = after ?? this.scene.rectOf(member?.key ?? '');
    if (before !== null && near !== null) {
      this.setFollow(false);
      this.viewport.anchor(before.rect, near);
    } else {
      this.viewport.fit(this.stage.arrangement.layout.bounds, 0.5);
    }
    if (member !== null) this.setCurrent(member.key, false);
    const limit = say(this.tr, 'more than {0} boxes would be slow, so some stay folded', MOST);
    if (key === null && this.stage.picture.boxes.size > MOST / 2) this.setStatus(limit);
    this.showHead();
    this.showStatus();
  }

  private anchorOf(key: string | null): { box: string; node: number; rect: Rect } | null {
    if (key === null) return null;
    const { picture, arrangement, fold, model } = this.stage;
    const box = picture.boxes.get(key);
    const rect = arrangement.layout.rects.get(key);
    if (box !== undefined && rect !== undefined) {
      return { box: key, node: box.members[0] ?? -1, rect };
    }
    for (const [id, name] of picture.boxOf) {
      const chain = fold.chain(model.nodes.get(id)?.scope ?? null);
      const inside = chain.some(scope => [fold.groupKey(scope), fold.callKey(scope)].includes(key));
      const at = arrangement.layout.rects.get(name);
      if (inside && at !== undefined) return { box: key, node: id, rect: at };
    }
    return null;
  }

  private setCurrent(key: string | null, reveal = true): void {
    this.current = key;
    this.scene.mark('mc-current', key);
    const box = key === null ? undefined : this.stage.picture.boxes.get(key);
    if (box === undefined) return;
    this.live.textContent = describeLinks(this.stage, box, this.tr);
    const rect = this.scene.rectOf(box.key);
    if (reveal && rect !== null) this.viewport.reveal(rect);
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
        this.fit();
        return true;
      case '/':
        this.controls.focusSearch();
        return true;
      default:
        return false;
    }
  }

  private walk(direction: Direction): void {
    const { picture, arrangement } = this.stage;
    if (this.current === null || !picture.boxes.has(this.current)) {
      const first = [...picture.boxes.values()].find(box => box.kind !== 'leaf');
      if (first !== undefined) this.setCurrent(first.key);
      return;
    }
    const next = step(picture, arrangement.layout, this.current, direction);
    if (next === null) return;
    this.setFollow(false);
    this.setCurrent(next);
  }

  private toggleFold(key: string): void {
    const box = this.stage.picture.boxes.get(key);
    if (box === undefined) return;
    if (box.kind === 'stack' || box.kind === 'call' || box.kind === 'repeat') return this.unfold(key);
    const scope = box.frames.at(-1);
    if (scope !== undefined) this.foldFrame(scope, false);
  }

  private search(words: string, move: number): void {
    const before = this.matches[this.match];
    this.matches = search(this.stage, words);
    this.scene.markAll('mc-match', new Set(this.matches));
    const seeking = words.trim() !== '';
    this.scene.world.classList.toggle('mc-seeking', seeking);
    const count = this.matches.length;
    const same = before === undefined ? -1 : this.matches.indexOf(before);
    this.match = count === 0 ? -1 : (Math.max(same, 0) + move + count) % count;
    const none = this.tr('nothing found');
    this.controls.showFound(!seeking ? '' : count === 0 ? none : `${this.match + 1} / ${count}`);
    const key = this.matches[this.match];
    if (key === undefined) return;
    this.setFollow(false);
    this.setCurrent(key);
  }
}
