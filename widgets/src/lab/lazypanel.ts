import type { Message } from '@lumino/messaging';
import { type ISignal, Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { once } from './once';

/** A panel whose content is loaded when it is shown for the first time. */
export class LazyPanel extends Widget {
  /** @param fill - makes the content; it is told about every later showing by itself */
  constructor(fill: (host: HTMLElement) => Promise<{ refresh(): void }>) {
    super();
    this.content = once(() => fill(this.node));
  }

  /** Emitted when the panel has come into view. */
  get shown(): ISignal<this, void> {
    return this.appeared;
  }

  override dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.wake();
    this.appeared.emit();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.wake();
    }
  }

  private wake(): void {
    void this.content().then(content => {
      if (this.isFilled) {
        content.refresh();
      }
      this.isFilled = true;
    });
  }

  private readonly appeared = new Signal<this, void>(this);
  private readonly content: () => Promise<{ refresh(): void }>;
  private isFilled = false;
}
