/** One block of the net: its settings, its buttons, what is wrong with it, the edge below it. */
import { html, svg } from '../kit';
import { DRAGGED, DRAGGED_KIND, EdgeView } from './edge';
import { Field } from './settings';
import { describe, type Block, type Edge, type Kind, type Place } from './state';

/** As many branches as a block can have. */
const MOST_LANES = 6;

export interface Actions {
  readonly send: (message: { t: string; [key: string]: unknown }) => void;
  /** The cursor has come to a block. */
  readonly choose: (id: number) => void;
  /** New blocks shall come to a place. */
  readonly place: (place: Place) => void;
  /** Something was dropped at a place. */
  readonly drop: (event: DragEvent, place: Place) => void;
  readonly kind: (name: string) => Kind | null;
}

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

export class BlockView {
  readonly element: HTMLLIElement;
  readonly kind: string;
  private readonly lanes: Level[] = [];
  private headings: HTMLElement[] = [];
  private readonly branches = html('div', { class: 'mc-branches' });
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
    const many = this.fields.size > 2 ? ' mc-many' : '';
    this.box = html('div', {
      class: `mc-blockbox${many}`, role: 'group', tabindex: 0, draggable: 'true',
      title: kind?.help ?? ''
    }, html('div', { class: 'mc-blocktop' }, sign, html('span', {}, title, ' ', this.named),
      settings, tools), this.trouble, this.branches);
    this.box.addEventListener('focusin', event => {
      event.stopPropagation();
      actions.choose(id);
    });
    this.box.addEventListener('keydown', event => this.key(event));
    this.box.addEventListener('dragstart', event => {
      event.stopPropagation();
      event.dataTransfer?.setData(DRAGGED, String(id));
    });
    this.edge = new EdgeView(actions.place);
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
    this.edge.show({ ...place, index: place.index + 1 }, block.edge, block.cost,
      block.problem === '' ? 'waits' : '\u2715');
    this.edge.element.classList.toggle('mc-last', last);
    this.showLanes(block);
  }

  /** The view of a block in one of the branches. */
  view(id: number): BlockView | null {
    for (const lane of this.lanes) {
      const found = lane.view(id);
      if (found !== null) return found;
    }
    return null;
  }

  choose(id: number | null, place: Place | null): void {
    this.box.classList.toggle('mc-chosen', id === this.block.id);
    this.edge.here(place);
    for (const lane of this.lanes) lane.choose(id, place);
  }

  over(wanted: boolean): void {
    this.edge.over(wanted);
  }

  /** Whether a point lies above the middle of the box. */
  isBelow(y: number): boolean {
    const { top, height } = this.box.getBoundingClientRect();
    return y < top + height / 2;
  }

  focus(): void {
    this.box.focus();
  }

  refuse(name: string, text: string): void {
    this.fields.get(name)?.refuse();
    this.wrong(text);
  }

  /** The branches below each other. They are laid out anew only if there are more or fewer. */
  private showLanes(block: Block): void {
    const { actions, lanes } = this;
    if (lanes.length !== block.lanes.length) {
      while (lanes.length > block.lanes.length) lanes.pop();
      while (lanes.length < block.lanes.length) lanes.push(new Level(actions, ''));
      this.headings = lanes.map((_, lane) => this.heading(lane));
      this.branches.replaceChildren(...lanes.map((level, lane) =>
        level.accept(html('div', { class: 'mc-lane' }, this.laneTop(lane), level.element))));
      if (block.kind === 'parallel' && lanes.length < MOST_LANES) {
        const more = html('button', { type: 'button', class: 'mc-action mc-onemore' },
          'One branch more');
        more.addEventListener('click', event => {
          event.stopPropagation();
          actions.send({ t: 'branch', id: block.id, lane: lanes.length - 1, add: true });
        });
        this.branches.append(more);
      }
    }
    lanes.forEach((level, lane) => {
      const words = laneName(block, lane);
      level.show(block.lanes[lane] ?? [], { parent: block.id, index: 0, lane }, block.arrives);
      level.name(words);
      const heading = this.headings[lane];
      if (heading !== undefined) heading.textContent = words;
    });
  }

  private heading(lane: number): HTMLElement {
    const element = html('button', { type: 'button', class: 'mc-lanename',
      title: 'Press to put the next blocks into this branch' });
    element.addEventListener('click', event => {
      event.stopPropagation();
      const { id, lanes } = this.block;
      this.actions.place({ parent: id, index: lanes[lane]?.length ?? 0, lane });
    });
    return element;
  }

  /** The heading of a branch, and the button that takes it out. */
  private laneTop(lane: number): HTMLElement {
    const { actions, block: { id, kind, lanes } } = this;
    const out = kind !== 'parallel' || lanes.length < 3 ? [] : [
      tool('\u2715', `Take branch ${lane + 1} out`,
        () => actions.send({ t: 'branch', id, lane, add: false }))];
    return html('div', { class: 'mc-lanetop' }, this.headings[lane] ?? '', ...out);
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

/** What a branch is called. */
function laneName(block: Block, lane: number): string {
  if (block.kind !== 'residual') return `branch ${lane + 1}`;
  if (lane === 0) return 'inside of the branch';
  return block.lanes[1]?.length === 0 ? 'on the way round: unchanged' : 'on the way round';
}

/** The blocks of one level, below each other. A block keeps its elements as long as it is there. */
export class Level {
  readonly element: HTMLElement;
  private readonly list: HTMLOListElement;
  private readonly first: EdgeView;
  private views = new Map<number, BlockView>();
  private begin: Place = { parent: null, index: 0, lane: 0 };

  constructor(private readonly actions: Actions, label: string) {
    this.first = new EdgeView(actions.place);
    this.list = html('ol', { class: 'mc-level', 'aria-label': label });
    this.element = html('div', { class: 'mc-levelbox' }, this.first.element, this.list);
  }

  /** Whatever is dropped on an element around the blocks comes between them. */
  accept<T extends HTMLElement>(around: T): T {
    // A level further inside marks an edge of its own afterwards.
    around.addEventListener('dragover', () => this.over(null), true);
    around.addEventListener('dragover', event => {
      const kinds = event.dataTransfer?.types ?? [];
      if (!kinds.includes(DRAGGED) && !kinds.includes(DRAGGED_KIND)) return;
      event.preventDefault();
      event.stopPropagation();
      this.over(this.indexAt(event.clientY));
    });
    around.addEventListener('dragleave', event => {
      if (!around.contains(event.relatedTarget as Node | null)) this.over(null);
    });
    around.addEventListener('drop', event => {
      event.preventDefault();
      event.stopPropagation();
      this.over(null);
      this.actions.drop(event, { ...this.begin, index: this.indexAt(event.clientY) });
    });
    return around;
  }

  show(blocks: readonly Block[], begin: Place, edge: Edge | null): void {
    this.begin = begin;
    this.first.show(begin, edge, '', 'waits');
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
      view.show(block, { ...begin, index }, index === blocks.length - 1);
      const there = this.list.children[index] ?? null;
      if (there !== view.element) this.list.insertBefore(view.element, there);
    });
  }

  name(words: string): void {
    this.list.setAttribute('aria-label', words);
  }

  /** The view of a block here or further inside. */
  view(id: number): BlockView | null {
    for (const [own, view] of this.views) {
      const found = own === id ? view : view.view(id);
      if (found !== null) return found;
    }
    return null;
  }

  /** Mark the current block, and the edge where new blocks come. */
  choose(id: number | null, place: Place | null): void {
    this.first.here(place);
    for (const view of this.views.values()) view.choose(id, place);
  }

  /** Between which blocks a height on the screen lies. */
  private indexAt(y: number): number {
    const views = [...this.views.values()];
    const index = views.findIndex(view => view.isBelow(y));
    return index < 0 ? views.length : index;
  }

  private over(index: number | null): void {
    this.first.over(index === 0);
    [...this.views.values()].forEach((view, i) => view.over(i + 1 === index));
  }
}
