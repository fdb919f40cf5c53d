import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { FrontMessage } from '../graph';
import { Backlog } from './backlog';
import type { Board } from './board/board';
import { once } from './once';

/** A board that is loaded when it is first shown; until then its messages wait. */
export class Picture implements IDisposable {
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
    if (visible) {
      void this.load();
    }
  }

  receive(message: unknown): void {
    if (this.board === null) {
      this.waiting.push(message);
    } else {
      this.board.receive(message);
    }
  }

  clear(reason: string): void {
    this.waiting.clear();
    this.board?.clear(reason);
  }

  /**
   * Select what failed after a node of the picture of this run, else the node; resolves with false
   * if it is not there any more.
   */
  async select(id: number, run: number): Promise<boolean> {
    await this.load();
    return this.board !== null && this.board.run === run && this.board.selectFailed(id);
  }

  dispose(): void {
    this.disposed = true;
    this.board?.dispose();
    this.board = null;
    this.host.remove();
  }

  private readonly load = once(async () => {
    const { Board } = await import('./board/board');
    if (this.disposed) {
      return;
    }
    const board = new Board(this.host, this.send, this.trans);
    this.board = board;
    if (this.waiting.overflown) {
      this.send({ t: 'sync' });
    }
    this.waiting.take().forEach(message => board.receive(message));
  });

  private readonly host = document.createElement('div');
  private readonly waiting = new Backlog();
  private board: Board | null = null;
  private disposed = false;
}
