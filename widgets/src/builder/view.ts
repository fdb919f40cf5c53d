/** The net builder: palette, net and code side by side; Python decides what each press does. */
import { action, Choice, Frame, html, row, type Message } from '../kit';
import { Level, type Actions } from './block';
import { CodePane } from './code';
import { SaveDrawer, TableDrawer } from './drawer';
import { DRAGGED, DRAGGED_KIND } from './edge';
import { Palette } from './palette';
import {
  arrivesAt, find, inOrder, isPlace, nameOf, placeOfNew, type Kind, type Place, type State
} from './state';

/** Milliseconds until a training that was put in has its height. */
const SETTLING = 200;

export class BuilderView {
  private readonly frame: Frame;
  private readonly data: Choice;
  private readonly source = html('div', { class: 'mc-source' });
  private readonly undo: HTMLButtonElement;
  private readonly redo: HTMLButtonElement;
  private readonly clear: HTMLButtonElement;
  private readonly palette: Palette;
  private readonly level: Level;
  private readonly empty: HTMLElement;
  private readonly end = html('div', { class: 'mc-end' });
  private readonly totals = html('p', { class: 'mc-totals' });
  private readonly code: CodePane;
  private readonly saving: SaveDrawer;
  private readonly train: HTMLButtonElement;
  private readonly graph: HTMLButtonElement;
  private readonly apart: HTMLButtonElement;
  private readonly run = html('div', { class: 'mc-run' });
  private readonly picture = html('div', { class: 'mc-run' });
  private readonly inside = html('div', { class: 'mc-run' });
  private readonly stale = html('p', { class: 'mc-stale', hidden: '' });
  private readonly send: (message: Message) => void;
  /** The code of the net that a picture below belongs to. */
  private readonly pictured = new Map<HTMLElement, string>();
  private kinds: readonly Kind[] = [];
  private state: State | null = null;
  private current: number | null = null;
  /** Where the next block comes, if an edge was pressed. */
  private chosen: Place | null = null;

  constructor(host: HTMLElement, tell: (message: Message) => void) {
    this.frame = new Frame(host, {
      name: 'NetBuilder', title: 'Net builder',
      hint: 'Press a block to put it into the net. Each edge shows the shape that flows along it; '
        + 'the code beside the picture is the same net.'
    });
    const say = (text: string): void => this.frame.say(text);
    const send = this.send = (message: Message): void => {
      say('');      // what was said of the step before
      tell(message);
    };
    this.data = new Choice({ label: 'Data', tip: 'What the net is for', options: [], value: '' },
      name => this.send({ t: 'use', data: name }));
    this.undo = action('Undo', 'Take the last step back (Ctrl and Z)', () => send({ t: 'undo' }));
    this.redo = action('Redo', 'Do again what was undone (Ctrl and Y)', () => send({ t: 'redo' }));
    this.clear = action('Clear', 'Take all blocks out', () => send({ t: 'clear' }));
    const example = action('Example', 'A net that is known to learn these data',
      () => send({ t: 'example' }));
    this.train = action('Train', 'Train this net with these data, below', () =>
      send({ t: 'train' }));
    this.train.classList.add('mc-train');
    this.graph = action('Graph', 'Send two examples through the net and look at every operation, '
      + 'below', () => send({ t: 'graph' }));
    this.apart = action('Take apart', '', () => send({ t: 'apart' }));
    this.saving = new SaveDrawer(send, say);
    const table = new TableDrawer(send);
    this.palette = new Palette(kind => this.add(kind));
    const actions: Actions = {
      send: message => this.send(message),
      choose: id => this.choose(id),
      place: place => this.choosePlace(place),
      drop: (event, place) => {
        const kind = event.dataTransfer?.getData(DRAGGED_KIND) ?? '';
        const id = event.dataTransfer?.getData(DRAGGED) ?? '';
        if (kind !== '') this.send({ t: 'add', kind, ...place });
        else if (id !== '') this.send({ t: 'move', id: Number(id), ...place });
      },
      kind: name => this.kinds.find(kind => kind.kind === name) ?? null
    };
    this.level = new Level(actions, 'Blocks of the net');
    this.empty = html('div', { class: 'mc-empty' },
      html('p', {}, 'There is no block yet. Press one of the blue blocks, or look at a net that '
        + 'learns these data:'),
      action('Show an example', 'Fill in a net that is known to learn these data',
        () => send({ t: 'example' })));
    this.code = new CodePane(send, say);
    const net = html('div', { class: 'mc-net' }, html('h4', { class: 'mc-heading' }, 'Net'),
      this.source, this.level.element, this.empty, this.end,
      row(this.train, this.graph, this.apart), this.totals);
    this.level.accept(net);
    net.addEventListener('keydown', event => this.key(event));
    this.frame.body.append(
      row(this.data.element, this.undo, this.redo, example, this.clear, this.saving.button,
        table.button),
      this.saving.element, table.element,
      html('div', { class: 'mc-columns' }, this.palette.element, net, this.code.element),
      this.stale, this.run, this.inside, this.picture);
  }

  learn(kinds: readonly Kind[]): void {
    this.kinds = kinds;
    this.palette.show(kinds);
  }

  /** Show a state; `focus`: the block that the cursor goes to, `chosen`: that new ones follow. */
  show(state: State, focus: number | null, chosen: number | null): void {
    const { frame } = this;
    frame.problem('');
    this.state = state;
    const { data, totals } = state;
    this.data.offer(data.names.map(name => [name, name]), data.name);
    this.undo.disabled = state.undo === 0;
    this.redo.disabled = state.redo === 0;
    this.clear.disabled = state.blocks.length === 0;
    this.source.replaceChildren(html('b', {}, data.name), ` ${data.note}`);
    this.level.show(state.blocks, { parent: null, index: 0, lane: 0 }, data.edge);
    this.empty.hidden = state.blocks.length > 0;
    this.totals.textContent = `${totals.weights} weights, ${totals.macs} multiply-adds for one `
      + `example, ${totals.memory} for a batch of ${totals.batch}`;
    this.train.disabled = this.graph.disabled = !state.fits || !data.trainable;
    this.train.title = this.train.disabled ? whyNot(state)
      : 'Train this net with these data, below';
    this.apart.disabled = !state.fits || state.apart === '';
    this.apart.title = this.apart.disabled ? whyNotApart(state)
      : `Look inside, below: ${state.seen}`;
    this.showEnd(state);
    this.stale.hidden = !state.stale;
    this.stale.textContent = 'The net has changed: '
      + (this.train.disabled ? 'the training below is that of the net before.'
        : 'press Train to train the new one.');
    this.code.show(state.code, state.training, state.apart);
    for (const [place, code] of this.pictured) place.hidden = code !== state.code;
    this.saving.show(state.json);
    if (this.current !== null && find(state.blocks, this.current) === null) this.current = null;
    if (chosen !== null) this.choose(chosen);
    if (focus !== null) this.level.view(focus)?.focus();
    if (this.chosen !== null && !isPlace(state, this.chosen)) this.chosen = null;
    this.mark();
  }

  problem(text: string): void {
    this.frame.problem(text);
  }

  refuse(id: number, name: string, text: string): void {
    this.level.view(id)?.refuse(name, text);
  }

  unread(text: string): void {
    this.code.unread(text);
  }

  read(): void {
    this.code.reset();
    this.frame.say('The picture shows the code now.');
  }

  /** Put the picture of a training below the net (null: it is there); go there if it begins. */
  showRun(element: HTMLElement | null, begins: boolean): void {
    this.below(this.run, element, begins ? 'The training runs below the net.' : '');
  }

  /** Put the graph of one run through the net with this code below it. */
  showGraph(element: HTMLElement | null, code: string, begins: boolean): void {
    this.belongs(this.picture, code);
    this.below(this.picture, element, begins ? 'The graph of two examples is below the net.' : '');
  }

  /** Put a look inside of the net with this code below it. */
  showInside(element: HTMLElement | null, code: string, begins: boolean): void {
    this.belongs(this.inside, code);
    this.below(this.inside, element, begins ? `The net is taken apart below: ${this.state?.seen}.`
      : '');
  }

  dispose(): void {
    this.frame.dispose();
  }

  /** A picture is of a net with this code, and is there as long as the net is this one. */
  private belongs(place: HTMLElement, code: string): void {
    this.pictured.set(place, code);
    place.hidden = this.state?.code !== code;
  }

  private below(place: HTMLElement, element: HTMLElement | null, words: string): void {
    if (element !== null) place.replaceChildren(element);
    if (words === '') return;
    this.frame.say(words);
    setTimeout(() => place.scrollIntoView({ block: 'nearest' }), SETTLING);
  }

  private showEnd(state: State): void {
    const { problem, repairs } = state.end;
    const buttons = repairs.map(label => {
      const element = html('button', { type: 'button', class: 'mc-action mc-repair' }, label);
      element.addEventListener('click', () => this.send({ t: 'repair', id: null, label }));
      return element;
    });
    const ready = state.fits && !this.train.disabled && this.run.childElementCount === 0;
    const words = (state.fits ? '\u2713 gives ' : 'wants ') + state.data.wanted
      + (ready ? ': press Train' : '');
    this.end.className = problem === '' ? 'mc-end' : 'mc-end mc-misfits';
    this.end.classList.toggle('mc-fits', state.fits);
    this.end.replaceChildren(html('span', { class: 'mc-goal' }, words),
      ...(problem === '' ? [] : [html('span', { class: 'mc-misfit' },
        html('span', { role: 'alert' }, problem),
        html('span', { class: 'mc-repairs' }, ...buttons))]));
  }

  private add(kind: string): void {
    if (this.state === null) return;
    this.send({ t: 'add', kind, ...this.next(this.state) });
  }

  /** Where the next block comes. */
  private next(state: State): Place {
    return this.chosen ?? placeOfNew(state, this.current);
  }

  /** Show where the next block comes, and which blocks fit there. */
  private mark(): void {
    if (this.state === null) return;
    const next = this.next(this.state);
    this.level.choose(this.current, next);
    this.palette.fit(arrivesAt(this.state, next)?.axes ?? '');
  }

  private choosePlace(place: Place): void {
    this.chosen = place;
    this.mark();
    this.frame.say('New blocks come to the edge that is marked.');
  }

  private choose(id: number): void {
    this.current = id;
    this.chosen = null;
    this.mark();
    const block = this.state === null ? null : find(this.state.blocks, id);
    if (block !== null) this.frame.say(`New blocks come behind ${nameOf(block)}.`);
  }

  private key(event: KeyboardEvent): void {
    const control = event.ctrlKey || event.metaKey;
    const letter = event.key.toLowerCase();
    const inField = event.target instanceof HTMLInputElement;
    if (control && letter === 'z') this.send({ t: event.shiftKey ? 'redo' : 'undo' });
    else if (control && letter === 'y') this.send({ t: 'redo' });
    else if (!inField && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      this.walk(event.key === 'ArrowUp' ? -1 : 1);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private walk(by: number): void {
    const blocks = this.state === null ? [] : inOrder(this.state.blocks);
    const now = blocks.findIndex(block => block.id === this.current);
    const next = blocks[Math.min(blocks.length - 1, Math.max(0, now + by))];
    if (next !== undefined) this.level.view(next.id)?.focus();
  }
}

/** Why a net cannot be taken apart. */
function whyNotApart(state: State): string {
  return state.fits && state.apart === '' ? 'To take a net apart, test examples are needed'
    : whyNot(state);
}

/** Why a net cannot be trained yet. */
function whyNot(state: State): string {
  if (!state.data.trainable) return 'Only the shape of the data is known: give examples first';
  return state.blocks.length === 0 ? 'Put blocks into the net first'
    : 'The net does not fit yet: the red part says what is missing';
}
