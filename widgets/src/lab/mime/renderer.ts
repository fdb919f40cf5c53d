import type { IRenderMime } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';

/** Draws data of any form into a host, and returns what takes it away again. */
export type Draw = (host: HTMLElement, data: unknown) => () => void;

/** A renderer whose code is loaded when there is something to draw. */
export class LazyRenderer extends Widget implements IRenderMime.IRenderer {
  constructor(
    private readonly mimeType: string,
    private readonly load: () => Promise<Draw>
  ) {
    super();
    this.addClass('mc-Rendered');
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const draw = await this.load();
    if (!this.isDisposed) {
      this.clear();
      this.erase = draw(this.node, model.data[this.mimeType]);
    }
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.clear();
      super.dispose();
    }
  }

  private clear(): void {
    this.erase();
    this.erase = () => undefined;
  }

  private erase: () => void = () => undefined;
}
