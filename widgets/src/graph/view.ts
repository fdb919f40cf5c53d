/** The live graph as a whole: puts the parts together and hands the kernel's messages on. */
import { Captions } from './captions';
import { Card } from './card';
import { Controls } from './controls';
import { html } from '../kit/dom';
import { EXAMPLE, EXAMPLE_CODE } from './example';
import { Explorer } from './explorer';
import { COLUMN, type Rect } from './layout';
import { legend } from './legend';
import type { Model } from './model';
import { parseMessage, type FrontMessage, type KernelMessage } from './protocol';
import { Scene } from './scene';
import { MOST, Stage, type Update } from './stage';
import { Tools } from './tools';
import { Viewport } from './viewport';
import { say, type Translate } from './words';

export interface GraphViewOptions {
  /** Hands a message to whoever talks to the kernel. */
  send(message: FrontMessage): void;
  /** Replaces the line under the title. */
  hint?: string;
  /** Translates a visible text; the identity when missing. */
  translate?: (text: string) => string;
  /** Called when something new is drawn. */
  changed?(): void;
}

/** Ask for the whole state at most once in so many milliseconds. */
const PATIENCE = 1_000;

export class GraphView {
  private readonly stage = new Stage();
  private readonly scene: Scene;
  private readonly viewport: Viewport;
  private readonly controls: Controls;
  private readonly card: Card;
  private readonly captions: Captions;
  private readonly explorer: Explorer;
  private readonly tools: Tools;
  private readonly root: HTMLElement;
  private readonly tr: Translate;
  private pending: Update[] = [];
  private frame = 0;
  private follows = true;
  private disposed = false;
  private asked = -Infinity;
  private newest: Rect | null = null;
  private lit: Rect | null = null;

  constructor(
    host: HTMLElement,
    private readonly options: GraphViewOptions
  ) {
    this.tr = options.translate ?? (text => text);
    const { stage, tr } = this;
    stage.letters.scalar = tr('one number');
    this.scene = new Scene(stage, {
      pickBox: key => this.explorer.pick(key),
      foldFrame: id => this.explorer.foldFrame(id, false),
      stackFrame: id => this.explorer.foldFrame(id, true),
      tip: key => this.explorer.tip(key)
    });
    this.card = this.makeCard();
    const legendBox = legend(tr);
    this.controls = this.makeControls(legendBox);
    this.tools = new Tools(stage, this.scene, this.controls, tr);
    this.captions = new Captions(stage, tr, options.hint);
    const { surface, world } = this.scene;
    surface.setAttribute('role', 'application');
    const label = tr('Computation graph. Use the arrow keys to walk from box to box.');
    surface.setAttribute('aria-label', label);
    const code = html('pre', { class: 'mc-code' }, EXAMPLE_CODE);
    const { table, replay, compared } = this.tools;
    const scene = html('div', { class: 'mc-scene' }, surface, code, table.element, legendBox);
    const main = html('div', { class: 'mc-main' }, scene, this.card.element);
    this.root = html('div', { class: 'mc-graph' }, this.captions.head, this.captions.hint);
    const { element, searchRow, saveRow } = this.controls;
    this.root.append(element, searchRow, saveRow, replay.element, compared, main);
    this.root.append(this.captions.foot);
    host.append(this.root);
    this.viewport = new Viewport(surface, world, {
      moved: () => this.setFollow(false),
      resized: () => this.resized(),
      bounds: () => stage.arrangement.layout.bounds
    });
    this.explorer = this.makeExplorer();
    this.root.append(this.explorer.live);
    this.showExample();
    options.send({ t: 'ready' });
  }

  /** Take a message of the kernel, of whatever form; what is wrong is said in the status line. */
  receive(message: unknown): void {
    if (this.disposed) return;
    const parsed = parseMessage(message);
    if (parsed.ok) this.take(parsed.value);
    else this.warn(say(this.tr, 'A message was ignored: {0}', parsed.error));
  }

  /** What is known of the graph, for other pictures of it. */
  get model(): Model {
    return this.stage.model;
  }

  /** Select the box of a node and bring it into view; false if there is none. */
  selectNode(id: number): boolean {
    this.flush();
    const box = this.captions.example ? null : this.stage.boxOf(id);
    if (box !== null) this.explorer.select(box.key);
    return box !== null;
  }

  /** Show the whole graph. */
  fit(): void {
    this.flush();
    this.setFollow(false);
    this.viewport.fit(this.stage.arrangement.layout.bounds);
  }

  /** Forget the graph, for example because the kernel was restarted. */
  clear(reason?: string): void {
    this.explorer.deselect();
    this.stage.clear();
    this.captions.notice = reason ?? '';
    this.captions.alarm = '';
    this.showExample();
    this.options.changed?.();
  }

  /** Whether there is no graph yet, and an example stands in its place. */
  get isExample(): boolean {
    return this.captions.example;
  }

  /** One sentence for the line at the bottom. */
  setStatus(text: string): void {
    this.captions.notice = text;
    this.captions.showStatus();
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    cancelAnimationFrame(this.frame);
    this.captions.dispose();
    this.tools.dispose();
    this.viewport.dispose();
    this.scene.dispose();
    this.root.remove();
  }

  private makeCard(): Card {
    const events = {
      ask: (id: number, what: 'histogram' | 'values') => this.options.send({ t: 'ask', id, what }),
      show: (key: string) => this.explorer.select(key),
      unfold: (key: string) => this.explorer.unfold(key),
      stack: (id: number) => this.explorer.foldFrame(id, true),
      close: () => this.explorer.deselect()
    };
    return new Card(this.stage, events, this.tr);
  }

  private makeControls(legendBox: HTMLElement): Controls {
    const events = {
      fit: () => this.fit(),
      zoom: (factor: number) => {
        this.setFollow(false);
        this.viewport.zoom(factor);
      },
      foldAll: () => this.explorer.refold(() => this.stage.fold.foldAll(), null),
      unfoldAll: () => this.unfoldAll(),
      follow: (on: boolean) => this.setFollow(on),
      pause: (on: boolean) => this.options.send({ t: 'pause', on }),
      search: (words: string, move: number) => this.explorer.search(words, move),
      legend: (on: boolean) => (legendBox.hidden = !on),
      replay: (on: boolean) => {
        this.flush();
        this.tools.replay.open(on);
      },
      compare: (on: boolean) => this.tools.compare(on),
      table: (on: boolean) => this.tools.showTable(on),
      save: (kind: 'svg' | 'png') => {
        this.flush();
        this.tools.save(kind).catch((error: unknown) => this.warn(String(error)));
      }
    };
    return new Controls(events, this.tr);
  }

  private makeExplorer(): Explorer {
    const { stage, scene, viewport, card, controls } = this;
    const events = {
      settle: () => this.flush(),
      refolded: (update: Update) => {
        scene.draw(update, true);
        this.track(update);
        this.explorer.refresh();
        this.captions.show();
      },
      stay: () => this.setFollow(false),
      fit: () => this.fit()
    };
    return new Explorer({ stage, scene, viewport, card, controls }, events, this.tr);
  }

  private take(message: KernelMessage): void {
    if (message.t === 'answer') return this.card.answer(message);
    if (message.t === 'note') return this.setStatus(message.text);
    if (message.t === 'against') {
      this.flush();
      return this.tools.against(message.graph);
    }
    if (message.t === 'state' && message.nodes.length === 0) {
      if (!this.captions.example) this.clear();
      return;
    }
    const { arrangement } = this.stage;
    arrangement.breadth = this.viewport.columns(COLUMN) ?? arrangement.breadth;
    const update = this.stage.apply(message);
    const { change } = update;
    if (change.reset) this.begin();
    if (change.lost) this.sync();
    if (change.complaint !== null) this.warn(change.complaint);
    if (message.t === 'error') this.warn(message.text);
    // An update with everything in it makes those before it void.
    if (update.full) this.pending = [];
    this.pending.push(update);
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.flush());
  }

  private begin(): void {
    this.newest = this.lit = null;
    this.captions.alarm = '';
    // With the example goes the sentence on why there was no graph.
    if (this.captions.example) this.captions.notice = '';
    this.captions.example = false;
  }

  private warn(text: string): void {
    this.captions.alarm = text;
    this.captions.showStatus();
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
    this.markExample();     // until now its boxes stood there
    for (const update of updates) {
      this.scene.draw(update, update.full && !update.change.reset);
      this.track(update);
    }
    this.explorer.refresh();
    this.captions.refresh();
    this.tools.refresh();
    this.look();
    this.options.changed?.();
  }

  /** Remember what the view should follow: the newest box, in backward the one lit last. */
  private track(update: Update): void {
    const { rects } = this.stage.arrangement.layout;
    if (update.full) this.newest = null;
    for (const box of update.arranged.boxes) {
      if (box.kind !== 'leaf') this.newest = rects.get(box.key) ?? this.newest;
    }
    this.lit = null;
    if (this.stage.model.phase !== 'backward') return;
    for (const id of update.change.touched) {
      const box = this.stage.boxOf(id);
      if (box !== null && box.kind !== 'leaf') this.lit = rects.get(box.key) ?? this.lit;
    }
  }

  private resized(): void {
    this.look();
    if (!this.follows) this.explorer.reveal();
  }

  /** Move the view as the follow switch wants it. */
  private look(): void {
    const { bounds } = this.stage.arrangement.layout;
    if (this.captions.example) return this.viewport.fit(bounds);
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

  private unfoldAll(): void {
    this.explorer.refold(() => this.stage.fold.unfoldAll(), null);
    if (this.stage.model.nodes.size <= MOST) return;
    this.setStatus(say(this.tr, 'more than {0} boxes would be slow, so some stay folded', MOST));
  }

  private markExample(): void {
    this.root.classList.toggle('mc-example', this.captions.example);
  }

  private showExample(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.pending = [];
    this.captions.example = true;
    this.markExample();
    this.scene.draw({ ...this.stage.apply(EXAMPLE), full: true }, false);
    this.captions.show();
    this.look();
  }
}
