/** One block of the net: its settings, its buttons, what is wrong with it, the edge below it. */
import { html, svg } from '../kit';
import { Field } from './settings';
import { describe, type Block, type Kind, type Place } from './state';

export interface Actions {
  readonly send: (message: { t: string; [key: string]: unknown }) => void;
  /** The cursor has come to a block. */
  readonly choose: (id: number) => void;
  /** Something was dropped at a place. */
  readonly drop: (event: DragEvent, place: Place) => void;
  readonly kind: (name: string) => Kind | null;
}

export const DRAGGED = 'application/x-minichain-block';
export const DRAGGED_KIND = 'application/x-minichain-kind';

/** Two squares, one before the other. */
function copySign(): SVGElement {
  return svg('svg', { class: 'mc-copysign', width: 12, height: 12, viewBox: '0 0 12 12',
    'aria-hidden': 'true' },
    svg('rect', { x: 0.5, y: 0.5, width: 7, height: 7, rx: 1 }),
    svg('rect', { x: 4.5, y: 4.5, width: 7, height: 7, rx: 1 }));
}

/** A small button of a block. */
function tool(sign: string | Node, tip: string, press: () => void): HTMLButtonElement {
  const element = html('button',
    { type: 'button', class: 'mc-tool', title: tip, 'aria-label': tip }, sign);
  element.addEventListener('click', event => {
    event.stopPropagation();
    press();
  });
  return element;
}

/** A line between two blocks, with what flows along it; something can be dropped on it. */
export class EdgeView {
  readonly element = html('div', { class: 'mc-wire' });
  private place: Place = { parent: null, index: 0 };

  constructor(actions: Actions) {
    const { element } = this;
    element.addEventListener('dragover', event => {
      const kinds = event.dataTransfer?.types ?? [];
      if (!kinds.includes(DRAGGED) && !kinds.includes(DRAGGED_KIND)) return;
      event.preventDefault();
      event.stopPropagation();
      element.classList.add('mc-over');
    });
    element.addEventListener('dragleave', () => element.classList.remove('mc-over'));
    element.addEventListener('drop', event => {
      event.preventDefault();
      event.stopPropagation();
      element.classList.remove('mc-over');
      actions.drop(event, this.place);
    });
  }

  show(place: Place, shape: string, more: string): void {
    this.place = place;
    this.element.replaceChildren(html('span', { class: 'mc-shape-text' }, shape),
      html('span', { class: 'mc-cost' }, more));
  }
}

export class BlockView {
  readonly element: HTMLLIElement;
  readonly kind: string;
  readonly inside: Level | null;
  private readonly box: HTMLElement;
  private readonly named = html('span', { class: 'mc-linkname' });
  private readonly trouble = html('div', { class: 'mc-misfit', hidden: '' });
  private readonly fields = new Map<string, Field>();
  private readonly edge: EdgeView;
  private block: Block;

  constructor(block: Block, private readonly actions: Actions) {
    this.block = block;
    this.kind = block.kind;
    const { id } = block;
    const kind = actions.kind(block.kind);
    const settings = html('span', { class: 'mc-settings' });
    for (const setting of kind?.settings ?? []) {
      const field = new Field(setting, block.label,
        value => actions.send({ t: 'set', id, name: setting.name, value }),
        text => this.wrong(text));
      this.fields.set(setting.name, field);
      settings.append(field.element);
    }
    const tools = html('span', { class: 'mc-tools' },
      tool('\u2191', `Move ${block.label} up (Alt and arrow up)`,
        () => actions.send({ t: 'step', id, by: -1 })),
      tool('\u2193', `Move ${block.label} down (Alt and arrow down)`,
        () => actions.send({ t: 'step', id, by: 1 })),
      tool(copySign(), `Duplicate ${block.label} (Ctrl and D)`,
        () => actions.send({ t: 'duplicate', id })),
      tool('\u2715', `Take ${block.label} out (Delete)`, () => actions.send({ t: 'remove', id })));
    const sign = html('span', { class: 'mc-symbol', 'aria-hidden': 'true' }, block.symbol);
    const title = html('span', { class: 'mc-blockname' }, block.label);
    this.inside = block.kind === 'residual' ? new Level(actions, 'Inside of the branch') : null;
    const many = this.fields.size > 2 ? ' mc-many' : '';
    this.box = html('div', {
      class: `mc-blockbox${many}`, role: 'group', tabindex: 0, draggable: 'true',
      title: kind?.help ?? ''
    }, html('div', { class: 'mc-blocktop' }, sign, html('span', {}, title, ' ', this.named),
      settings, tools), this.trouble,
      ...(this.inside === null ? [] : [this.inside.element]));
    this.box.addEventListener('focusin', event => {
      event.stopPropagation();
      actions.choose(id);
    });
    this.box.addEventListener('keydown', event => this.key(event));
    this.box.addEventListener('dragstart', event => {
      event.stopPropagation();
      event.dataTransfer?.setData(DRAGGED, String(id));
    });
    this.edge = new EdgeView(actions);
    this.element = html('li', { class: `mc-block mc-kind-${block.kind}`, 'data-id': id }, this.box,
      this.edge.element);
  }

  show(block: Block, place: Place, last: boolean): void {
    this.block = block;
    this.named.textContent = block.name;
    for (const [name, value] of Object.entries(block.settings)) this.fields.get(name)?.show(value);
    this.box.classList.toggle('mc-misfits', block.problem !== '');
    this.box.classList.toggle('mc-waits', block.waits);
    this.box.classList.toggle('mc-learns', block.cost.includes('weights'));
    this.box.setAttribute('aria-label', describe(block));
    this.wrong(block.problem, block.repairs);
    const below = { parent: place.parent, index: place.index + 1 };
    if (block.edge !== null) {
      this.edge.show(below, block.edge.shape, `${block.cost}, ${block.edge.memory}`);
    } else {
      this.edge.show(below, block.problem === '' ? 'waits' : '\u2715', '');
    }
    this.edge.element.classList.toggle('mc-last', last);
    this.inside?.show(block.blocks, block.id, block.arrives?.shape ?? 'waits',
      block.arrives?.memory ?? '');
  }

  choose(chosen: boolean): void {
    this.box.classList.toggle('mc-chosen', chosen);
  }

  focus(): void {
    this.box.focus();
  }

  refuse(name: string, text: string): void {
    this.fields.get(name)?.refuse();
    this.wrong(text);
  }

  private wrong(text: string, repairs: readonly string[] = []): void {
    const { trouble, block, actions } = this;
    const shown = text === '' ? block.problem : text;
    const offered = text === '' ? block.repairs : repairs;
    trouble.hidden = shown === '';
    if (trouble.dataset['said'] === `${shown}|${offered.join('|')}`) return;
    trouble.dataset['said'] = `${shown}|${offered.join('|')}`;
    const buttons = offered.map(label => {
      const element = html('button', { type: 'button', class: 'mc-action mc-repair' }, label);
      element.addEventListener('click', () => actions.send({ t: 'repair', id: block.id, label }));
      return element;
    });
    trouble.replaceChildren(html('span', { role: 'alert' }, shown),
      html('span', { class: 'mc-repairs' }, ...buttons));
  }

  private key(event: KeyboardEvent): void {
    const { id } = this.block;
    const { send } = this.actions;
    const own = event.target === this.box;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const control = event.ctrlKey || event.metaKey;
    if (event.altKey && step !== undefined) send({ t: 'step', id, by: step });
    else if (control && event.key.toLowerCase() === 'd') send({ t: 'duplicate', id });
    else if (own && ['Delete', 'Backspace'].includes(event.key)) send({ t: 'remove', id });
    else if (own && event.key === 'Enter') this.fields.values().next().value?.focus();
    else if (!own && event.key === 'Escape') this.box.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** The blocks of one level, below each other. A block keeps its elements as long as it is there. */
export class Level {
  readonly element: HTMLElement;
  private readonly list: HTMLOListElement;
  private readonly first: EdgeView;
  private views = new Map<number, BlockView>();

  constructor(private readonly actions: Actions, label: string) {
    this.first = new EdgeView(actions);
    this.list = html('ol', { class: 'mc-level', 'aria-label': label });
    this.element = html('div', { class: 'mc-levelbox' }, this.first.element, this.list);
  }

  show(blocks: readonly Block[], parent: number | null, shape: string, memory: string): void {
    this.first.show({ parent, index: 0 }, shape, memory);
    const views = new Map<number, BlockView>();
    for (const block of blocks) {
      const known = this.views.get(block.id);
      const same = known?.kind === block.kind;    // another net may have the same numbers
      views.set(block.id, same ? known : new BlockView(block, this.actions));
    }
    for (const [id, view] of this.views) if (views.get(id) !== view) view.element.remove();
    this.views = views;
    blocks.forEach((block, index) => {
      const view = views.get(block.id);
      if (view === undefined) return;
      view.show(block, { parent, index }, index === blocks.length - 1);
      const there = this.list.children[index] ?? null;
      if (there !== view.element) this.list.insertBefore(view.element, there);
    });
  }

  /** The view of a block here or further inside. */
  view(id: number): BlockView | null {
    for (const view of this.views.values()) {
      const found = this.views.get(id) ?? view.inside?.view(id);
      if (found) return found;
    }
    return null;
  }

  choose(id: number | null): void {
    for (const [own, view] of this.views) {
      view.choose(own === id);
      view.inside?.choose(id);
    }
  }
}
