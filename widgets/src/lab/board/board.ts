/** The content of the graph panel: the graph, and what it says in numbers, as tabs. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import { type FrontMessage, GraphView } from '../../graph';
import type { Model } from '../../graph/model';
import { html } from '../../kit/dom';
import { gradientSheet, memorySheet, type Sheet, timeSheet } from './sheets';
import { SheetView } from './sheetview';

type Tab = 'graph' | 'memory' | 'time' | 'gradients';

const SHEETS: Record<
  Exclude<Tab, 'graph'>,
  (model: Model, trans: TranslationBundle) => Sheet
> = {
  memory: memorySheet,
  time: timeSheet,
  gradients: gradientSheet
};

export class Board implements IDisposable {
  constructor(
    host: HTMLElement,
    send: (message: FrontMessage) => void,
    private readonly trans: TranslationBundle
  ) {
    const titles: Record<Tab, [string, string]> = {
      graph: [trans.__('Graph'), trans.__('The operations and what flows between them')],
      memory: [trans.__('Memory'), trans.__('What is kept for backward, and by what')],
      time: [trans.__('Timeline'), trans.__('The operations in order, and the time of each link')],
      gradients: [trans.__('Gradients'), trans.__('How large the gradient of each parameter is')]
    };
    const tabs = html('div', { class: 'mc-Board-tabs', role: 'tablist' });
    const stage = html('div', { class: 'mc-Board-stage' });
    this.graph = html('div', { class: 'mc-Board-graph', role: 'tabpanel' });
    this.sheet = new SheetView(trans.__('Show it in the graph'), id => void this.select(id));
    stage.append(this.graph, this.sheet.element);
    for (const tab of Object.keys(titles) as Tab[]) {
      const [words, tip] = titles[tab];
      const head = html('button', { type: 'button', role: 'tab', title: tip }, words);
      head.addEventListener('click', () => this.show(tab));
      head.addEventListener('keydown', event => this.walk(event));
      this.heads.set(tab, head);
      tabs.append(head);
    }
    this.root.append(tabs, stage);
    host.append(this.root);
    this.view = new GraphView(this.graph, {
      send,
      translate: text => trans.__(text),
      changed: () => this.drawLater()
    });
    this.show('graph');
  }

  get isDisposed(): boolean {
    return this.disposed;
  }

  get run(): number {
    return this.view.model.run;
  }

  receive(message: unknown): void {
    this.view.receive(message);
  }

  clear(reason: string): void {
    this.view.clear(reason);
  }

  /** Select a node in the graph; false if it is not there. */
  select(id: number): boolean {
    this.show('graph');
    return this.view.selectNode(id);
  }

  /** Select the operation that failed after this node, where the graph has it; else the node. */
  selectFailed(id: number): boolean {
    const after = [...this.view.model.failed].filter(each => each >= id);
    return this.select(after.length > 0 ? Math.min(...after) : id);
  }

  show(tab: Tab): void {
    this.tab = tab;
    for (const [name, head] of this.heads) {
      head.setAttribute('aria-selected', String(name === tab));
      head.tabIndex = name === tab ? 0 : -1;
    }
    this.graph.hidden = tab !== 'graph';
    this.sheet.element.hidden = tab === 'graph';
    this.draw();
  }

  dispose(): void {
    if (!this.disposed) {
      this.disposed = true;
      cancelAnimationFrame(this.frame);
      this.view.dispose();
      this.root.remove();
    }
  }

  private walk(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) {
      return;
    }
    const order = [...this.heads.keys()];
    const next = order[(order.indexOf(this.tab) + step + order.length) % order.length];
    if (next !== undefined) {
      this.show(next);
      this.heads.get(next)?.focus();
    }
    event.preventDefault();
  }

  private drawLater(): void {
    if (this.tab !== 'graph' && this.frame === 0) {
      this.frame = requestAnimationFrame(() => this.draw());
    }
  }

  private draw(): void {
    this.frame = 0;
    if (this.tab === 'graph') {
      return;
    }
    const head = this.trans.__('There is no graph yet. Run a cell that computes something.');
    this.sheet.draw(
      this.view.isExample
        ? { head, rows: [], pieces: [] }
        : SHEETS[this.tab](this.view.model, this.trans)
    );
  }

  private readonly root = html('div', { class: 'mc-Board mc-kit' });
  private readonly graph: HTMLElement;
  private readonly heads = new Map<Tab, HTMLElement>();
  private readonly sheet: SheetView;
  private readonly view: GraphView;
  private tab: Tab = 'graph';
  private frame = 0;
  private disposed = false;
}
