import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { type ISignal, Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { svg } from '../kit/dom';
import { graphIcon } from './icon';
import { Picker } from './picker';
import { Picture } from './picture';
import { Source } from './source';

export const PANEL_ID = 'minichain-live-graph';

/** An arrow out of a box, and an arrow to the edge. */
const LEAVE = 'M7 3H3v10h10V9M9.5 3H13v3.5M13 3L7.5 8.5';
const RETURN = 'M13 3v10M3 8h7M7 5l3 3-3 3';

/**
 * The docked panel: it shows the graph that the kernel of the notebook in front is building.
 * Each notebook has a picture of its own, which keeps its zoom and position while another is shown.
 */
export class LiveGraphPanel extends Widget {
  /** @param movable - whether it can leave the side bar */
  constructor(
    private readonly trans: TranslationBundle,
    movable: boolean
  ) {
    super();
    this.id = PANEL_ID;
    this.addClass('mc-LivePanel');
    this.title.icon = graphIcon;
    this.title.caption = trans.__('Minichain live graph');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Minichain live graph'));
    this.heading.className = 'mc-LivePanel-heading';
    this.stage.className = 'mc-LivePanel-stage';
    this.picker = new Picker(trans, {
      choose: choice => this.current?.choose(choice),
      ask: () => this.current?.request({ t: 'names' })
    });
    this.detach.hidden = !movable;
    this.detach.type = 'button';
    this.detach.className = 'mc-LivePanel-detach';
    this.detach.addEventListener('click', () => this.moved.emit());
    const top = document.createElement('div');
    top.className = 'mc-LivePanel-top';
    top.append(this.heading, this.picker.element, this.detach);
    this.node.append(top, this.stage);
    this.setDocked(true);
    this.blank = new Picture(this.stage, trans, () => undefined);
  }

  /** Emitted when a kernel begins to build a graph that this panel can show. */
  get graphCame(): ISignal<this, void> {
    return this.came;
  }

  /** Emitted when the panel has come into view. */
  get shown(): ISignal<this, void> {
    return this.appeared;
  }

  /** Mark its tab, because there is a first graph to look at; the mark goes when it is shown. */
  mark(): void {
    this.title.className = this.isVisible ? '' : 'mc-LivePanel-news';
  }

  /** Emitted when the panel should change its place. */
  get moveWanted(): ISignal<this, void> {
    return this.moved;
  }

  /** Emitted when a kernel tells its switches and devices for the first time. */
  get modeCame(): ISignal<this, Source> {
    return this.modes;
  }

  /** What is known of a notebook's kernel. */
  sourceOf(notebook: NotebookPanel | null): Source | null {
    return notebook === null ? null : (this.sources.get(notebook) ?? null);
  }

  get docked(): boolean {
    return this.isDocked;
  }

  /** Say that the panel lies in the side bar, or in the main area. */
  setDocked(docked: boolean): void {
    const { trans } = this;
    this.isDocked = docked;
    this.title.closable = !docked;
    this.title.label = docked ? '' : trans.__('Live Graph');
    const tip = docked
      ? trans.__('Move the panel into the main area')
      : trans.__('Move the panel back into the side bar');
    this.detach.title = tip;
    this.detach.setAttribute('aria-label', tip);
    this.detach.replaceChildren(docked ? icon(LEAVE) : icon(RETURN));
  }

  /** Select a node of the picture of a run; resolves with false if it is gone. */
  async select(id: number, run: number): Promise<boolean> {
    return (await this.current?.select(id, run)) ?? false;
  }

  /** Listen to a notebook's kernel until the notebook is closed, and all other views of it are. */
  add(notebook: NotebookPanel): void {
    const { context } = notebook;
    const listener = { changed: () => this.refresh(), graphCame: () => this.came.emit() };
    const source =
      [...this.sources.values()].find(each => each.context === context) ??
      this.listenTo(new Source(context, this.stage, this.trans, listener));
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

  /** In the main area it may be in view at once, without being shown first. */
  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.refresh();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.title.className = '';
    this.refresh();
    this.appeared.emit();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.refresh();
  }

  /** In the main area, closing the panel puts it back into the side bar. */
  protected override onCloseRequest(message: Message): void {
    if (this.isDocked) {
      super.onCloseRequest(message);
    } else {
      this.moved.emit();
    }
  }

  private listenTo(source: Source): Source {
    let told = false;
    source.modeChanged.connect(() => {
      if (!told) {
        told = true;
        this.modes.emit(source);
      }
    });
    source.namesCame.connect((_, names) => {
      if (source === this.current) {
        this.picker.offer(names, source.picked);
      }
    });
    return source;
  }

  private get current(): Source | null {
    return this.sourceOf(this.front);
  }

  private refresh(): void {
    const current = this.isVisible ? this.current : null;
    current?.attachOnce();
    for (const source of this.sources.values()) {
      source.show(source === current, this.isVisible);
    }
    this.blank.show(this.isVisible && !current?.hasPicture);
    const waiting = this.trans.__('The kernel is busy. Its graph comes when it has time.');
    this.blank.receive({ t: 'note', text: current?.isWaiting ? waiting : '' });
    this.picker.element.hidden = !current?.hasPicture;
    this.picker.offer(null, current?.picked ?? null);
    // The lessons are all called lesson.ipynb: their folder tells them apart.
    this.heading.textContent = this.front?.context.path.split('/').slice(-2).join('/') ?? '';
    this.heading.title = this.front?.context.path ?? '';
  }

  private readonly heading = document.createElement('div');
  private readonly picker: Picker;
  private readonly detach = document.createElement('button');
  private readonly stage = document.createElement('div');
  private readonly blank: Picture;
  private readonly came = new Signal<this, void>(this);
  private readonly appeared = new Signal<this, void>(this);
  private readonly moved = new Signal<this, void>(this);
  private readonly modes = new Signal<this, Source>(this);
  private readonly sources = new Map<NotebookPanel, Source>();
  private isDocked = true;
  private front: NotebookPanel | null = null;
}

function icon(path: string): SVGSVGElement {
  const box = { viewBox: '0 0 16 16', width: 14, height: 14, 'aria-hidden': 'true' };
  const stroke = { d: path, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.3 };
  return svg('svg', box, svg('path', stroke));
}
