import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { FrontMessage } from '../graph';
import { Backlog } from './backlog';
import { type ControlRequest, isControl, type Mode, type Names, parseControl } from './control';
import { KernelFeed } from './feed';
import { fieldsOf } from './fields';
import { Picture } from './picture';
import { inWords } from './sentence';

export interface SourceListener {
  changed(): void;
  graphCame(): void;
}

/** What the panel shows of a kernel: what runs, the last loss, or the result of a name. */
export type Choice = 'live' | 'loss' | { name: string };

/** Runs of a kernel count from 1, so that this is the number of a picture that was picked. */
const PINNED_RUN = 0;

/** One notebook: its kernel's messages, and their picture once there is something to draw. */
export class Source implements IDisposable {
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

  /** The switches and devices of the kernel; null before it has told them. */
  get mode(): Mode | null {
    return this.told;
  }

  get modeChanged(): ISignal<this, Mode | null> {
    return this.modes;
  }

  /** Whether the kernel was asked for its graph and is too busy to answer. */
  get isWaiting(): boolean {
    return this.searching && this.context.sessionContext.session?.kernel?.status === 'busy';
  }

  /** What a menu offers, when the kernel has told it. */
  get namesCame(): ISignal<this, Names> {
    return this.names;
  }

  /** What is shown; null if it is what runs. */
  get picked(): string | null {
    return this.pinned;
  }

  /** Ask the kernel for something. It answers when it has time. */
  request(message: ControlRequest): void {
    this.feed.send(message);
  }

  /** Show something else. */
  choose(choice: Choice): void {
    if (choice === 'live') {
      this.pinned = null;
      this.feed.send({ t: 'sync' });
      this.listener.changed();
    } else if (choice === 'loss') {
      this.request({ t: 'pick', what: 'loss' });
    } else {
      this.request({ t: 'pick', what: 'name', name: choice.name });
    }
  }

  /** Select a node of the picture of a run; resolves with false if it is gone. */
  async select(id: number, run: number): Promise<boolean> {
    if (this.pinned !== null) {
      this.choose('live');
    }
    return this.picture.select(id, run);
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
      this.searched = this.searching = true;
      // A restart cancels the question, and a dead kernel refuses it: neither has a graph.
      void this.attach()
        .catch(() => undefined)
        .finally(() => {
          this.searching = false;
          this.changed();
        });
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

  private hear(message: unknown): void {
    const news = parseControl(message);
    if (news?.t === 'mode') {
      this.told = news;
      this.modes.emit(news);
    } else if (news?.t === 'names') {
      this.names.emit(news);
    } else if (news?.t === 'picked') {
      this.pinned = news.name;
      this.backlog.clear();
      this.picture.receive({ t: 'state', run: PINNED_RUN, graph: news.graph });
      this.listener.changed();
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
    received: told => {
      const message = inWords(this.trans, told);
      if (isControl(message)) {
        this.hear(message);
      } else if (this.pinned !== null && !isForPinned(message)) {
        return;
      } else if (this.inFront) {
        this.picture.receive(message);
      } else {
        this.backlog.push(message);
      }
    },
    connected: on => {
      const words = this.trans.__('The connection to the kernel is interrupted.');
      this.picture.receive({ t: 'note', text: on ? '' : words });
      this.told = null;
      this.modes.emit(null);
      if (on) {
        this.feed.send({ t: 'sync' });
      }
    },
    lost: reason => {
      this.searched = false;
      this.paused = null;
      this.pinned = null;
      this.told = null;
      this.modes.emit(null);
      this.backlog.clear();
      this.picture.clear(
        reason === 'restarted'
          ? this.trans.__(
              'The kernel was restarted and has forgotten all names. Run the cells from the top.'
            )
          : this.trans.__('The kernel is gone. Run a cell to see its graph.')
      );
    }
  });

  private readonly modes = new Signal<this, Mode | null>(this);
  private readonly names = new Signal<this, Names>(this);
  private readonly backlog = new Backlog();
  private readonly picture: Picture;
  private inFront = false;
  private panelVisible = false;
  private pausedByUser = false;
  private started = false;
  private told: Mode | null = null;
  private pinned: string | null = null;
  private searched = false;
  private searching = false;
  /** What the kernel was told last; null if it was told nothing yet. */
  private paused: boolean | null = null;
}

/** What is about a picked graph as much as about a live one: a sentence that answers the user. */
function isForPinned(message: unknown): boolean {
  return fieldsOf(message)['t'] === 'note';
}
