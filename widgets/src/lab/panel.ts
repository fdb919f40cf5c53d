import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import { type ISignal, Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import type { FrontMessage, GraphView } from '../graph';
import { Backlog } from './backlog';
import { isControl } from './control';
import { KernelFeed } from './feed';
import { graphIcon } from './icon';

export const PANEL_ID = 'minichain-live-graph';

/**
 * The docked panel: it shows the graph that the kernel of the notebook in front is building.
 * Each notebook has a picture of its own, which keeps its zoom and position while another is shown.
 */
export class LiveGraphPanel extends Widget {
  constructor(private readonly trans: TranslationBundle) {
    super();
    this.id = PANEL_ID;
    this.addClass('mc-LivePanel');
    this.title.icon = graphIcon;
    this.title.caption = trans.__('Minichain live graph');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Minichain live graph'));
    this.heading.className = 'mc-LivePanel-heading';
    this.stage.className = 'mc-LivePanel-stage';
    this.node.append(this.heading, this.stage);
    this.blank = new Picture(this.stage, trans, () => undefined);
  }

  /** Emitted when a kernel begins to build a graph that this panel can show. */
  get graphCame(): ISignal<this, void> {
    return this.came;
  }

  /** Listen to a notebook's kernel until the notebook is closed, and all other views of it are. */
  add(notebook: NotebookPanel): void {
    const { context } = notebook;
    const listener = { changed: () => this.refresh(), graphCame: () => this.came.emit() };
    const source =
      [...this.sources.values()].find(each => each.context === context) ??
      new Source(context, this.stage, this.trans, listener);
    this.sources.set(notebook, source);
    notebook.disposed.connect(() => {
      this.sources.delete(notebook);
      if (![...this.sources.values()].includes(source)) {
        source.dispose();
      }
      this.refresh();
    });
    this.refresh();
  }

  /** Show this notebook. */
  follow(notebook: NotebookPanel | null): void {
    this.front = notebook;
    this.refresh();
  }

  /** Look for a graph in the kernel in front, even if its notebook does not mention minichain. */
  async search(): Promise<void> {
    await this.current?.attach();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    for (const source of this.sources.values()) {
      source.dispose();
    }
    this.sources.clear();
    this.blank.dispose();
    Signal.clearData(this);
    super.dispose();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.refresh();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.refresh();
  }

  private get current(): Source | null {
    return this.front === null ? null : (this.sources.get(this.front) ?? null);
  }

  private refresh(): void {
    const current = this.isVisible ? this.current : null;
    for (const source of this.sources.values()) {
      source.show(source === current, this.isVisible);
    }
    this.blank.show(this.isVisible && !current?.hasPicture);
    this.heading.textContent = this.front === null ? '' : this.front.title.label;
    current?.attachOnce();
  }

  private readonly heading = document.createElement('div');
  private readonly stage = document.createElement('div');
  private readonly blank: Picture;
  private readonly came = new Signal<this, void>(this);
  private readonly sources = new Map<NotebookPanel, Source>();
  private front: NotebookPanel | null = null;
}

interface SourceListener {
  changed(): void;
  graphCame(): void;
}

/** One notebook: its kernel's messages, and their picture once there is something to draw. */
class Source implements IDisposable {
  constructor(
    readonly context: NotebookPanel['context'],
    stage: HTMLElement,
    private readonly trans: TranslationBundle,
    private readonly listener: SourceListener
  ) {
    this.picture = new Picture(stage, trans, message => this.ask(message));
    const session = context.sessionContext;
    session.kernelChanged.connect(this.onKernel, this);
    this.feed.watch(session.session?.kernel ?? null);
    void context.ready.then(() => this.changed());
  }

  get isDisposed(): boolean {
    return this.feed.isDisposed;
  }

  get hasPicture(): boolean {
    return this.started;
  }

  /** Show or hide the picture; tell the kernel whether there is anyone to draw for. */
  show(inFront: boolean, panelVisible: boolean): void {
    this.inFront = inFront;
    this.panelVisible = panelVisible;
    this.tellPaused();
    this.picture.show(inFront && this.started);
    if (inFront) {
      const outdated = this.backlog.overflown;
      for (const message of this.backlog.take()) {
        this.picture.receive(message);
      }
      if (outdated) {
        this.feed.send({ t: 'sync' });
      }
    }
  }

  /**
   * Look once in each kernel for a graph from before this page was loaded. A kernel whose notebook
   * does not mention minichain is not asked.
   */
  attachOnce(): void {
    if (!this.searched && this.feed.hasKernel && this.mentionsMinichain) {
      this.searched = true;
      // A restart cancels the question; the next kernel is asked anew.
      this.attach().catch(() => (this.searched = false));
    }
  }

  async attach(): Promise<void> {
    if (!this.feed.isOpen && (await this.feed.attach())) {
      this.feed.send({ t: 'sync' });
    }
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.feed.dispose();
      this.picture.dispose();
      Signal.clearData(this);
    }
  }

  /** What the picture asks of the kernel. Pausing is this object's decision, too. */
  private ask(message: FrontMessage): void {
    if (message.t === 'pause') {
      this.pausedByUser = message.on;
      this.tellPaused();
    } else {
      this.feed.send(message);
    }
  }

  /** The kernel is paused while the panel is hidden; it sends the whole state when it goes on. */
  private tellPaused(): void {
    const paused = this.pausedByUser || !this.panelVisible;
    if (this.feed.isOpen && paused !== this.paused) {
      this.paused = paused;
      this.feed.send({ t: 'pause', on: paused });
    }
  }

  private get mentionsMinichain(): boolean {
    const cells = this.context.isReady ? this.context.model.cells : [];
    return Array.from(cells).some(cell => cell.sharedModel.getSource().includes('minichain'));
  }

  private onKernel(): void {
    this.searched = false;
    this.feed.watch(this.context.sessionContext.session?.kernel ?? null);
    this.changed();
  }

  private changed(): void {
    if (!this.isDisposed) {
      this.listener.changed();
    }
  }

  private readonly feed = new KernelFeed({
    opened: () => {
      this.started = true;
      this.searched = true;
      this.paused = null;
      this.listener.changed();
      this.listener.graphCame();
    },
    received: message => {
      if (isControl(message)) {
        return;
      }
      if (this.inFront) {
        this.picture.receive(message);
      } else {
        this.backlog.push(message);
      }
    },
    lost: reason => {
      this.paused = null;
      this.backlog.clear();
      this.picture.clear(
        reason === 'restarted'
          ? this.trans.__('The kernel was restarted. Run a cell to see its graph.')
          : this.trans.__('The kernel is gone. Run a cell to see its graph.')
      );
    }
  });

  private readonly backlog = new Backlog();
  private readonly picture: Picture;
  private inFront = false;
  private panelVisible = false;
  private pausedByUser = false;
  private started = false;
  private searched = false;
  /** What the kernel was told last; null if it was told nothing yet. */
  private paused: boolean | null = null;
}

/** A GraphView that is loaded when it is first shown; until then its messages wait. */
class Picture implements IDisposable {
  constructor(
    stage: HTMLElement,
    private readonly trans: TranslationBundle,
    private readonly send: (message: FrontMessage) => void
  ) {
    this.host.className = 'mc-LivePanel-picture';
    this.host.hidden = true;
    stage.append(this.host);
  }

  get isDisposed(): boolean {
    return this.disposed;
  }

  show(visible: boolean): void {
    this.host.hidden = !visible;
    if (visible && !this.wanted) {
      this.wanted = true;
      void this.load();
    }
  }

  receive(message: unknown): void {
    if (this.view === null) {
      this.waiting.push(message);
    } else {
      this.view.receive(message);
    }
  }

  clear(reason: string): void {
    this.waiting.clear();
    this.view?.clear(reason);
  }

  dispose(): void {
    this.disposed = true;
    this.view?.dispose();
    this.view = null;
    this.host.remove();
  }

  private async load(): Promise<void> {
    const { GraphView } = await import('../graph');
    if (this.disposed) {
      return;
    }
    this.view = new GraphView(this.host, {
      send: this.send,
      translate: text => this.trans.__(text)
    });
    if (this.waiting.overflown) {
      this.send({ t: 'sync' });
    }
    this.waiting.take().forEach(message => this.view?.receive(message));
  }

  private readonly host = document.createElement('div');
  private readonly waiting = new Backlog();
  private view: GraphView | null = null;
  private wanted = false;
  private disposed = false;
}
