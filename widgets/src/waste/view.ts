/** The three ways side by side: their cells, their costs as bars, and what follows from them. */
import { action, count, Frame, html, list, only, orNull, real, record, row, Slider, svg, text,
  whole, type Checked, type Message } from '../kit';
import { drawCells, rowsOf, sizesOf, stretch, WAYS, type Way } from './cells';

/** Milliseconds without a movement of the slider before Python counts. */
const PATIENCE = 200;

/** More than Python lets into a batch, or into a sentence. */
const MOST = 1_000;

const LENGTHS = only(list(whole(1, MOST), MOST), 'not empty', lengths => lengths.length > 0);
const COST = record({ operations: count, macs: count, bytes: count });

export const STATE = record({
  given: LENGTHS, lengths: LENGTHS, words: orNull(list(list(text(), MOST), MOST)),
  most: whole(1, MOST),
  names: record({ padded: text(), each: text(), shrinking: text() }),
  batch_size: whole(1, MOST), spread: real, cell: text(),
  costs: record({ padded: COST, each: COST, shrinking: COST }),
  seconds: orNull(record({ padded: real, each: real, shrinking: real })),
  says: list(text(), MOST)
});
export type State = Checked<typeof STATE>;

const MEASURES = [
  ['macs', 'multiply-adds', 'Multiplications, each with the addition that follows it, forward'],
  ['operations', 'operations', 'Calls into the array library, forward'],
  ['bytes', 'kept bytes', 'What is remembered for backward at the same time, without weights'],
  ['seconds', 'time', 'Forward and backward on this computer, the best of several rounds']
] as const;

interface Panel {
  readonly name: HTMLElement;
  readonly cells: SVGSVGElement;
  readonly costs: HTMLElement;
}

export class WasteView {
  private readonly frame: Frame;
  private readonly batch: Slider;
  private readonly spread: Slider;
  private readonly panels = new Map<Way, Panel>();
  private readonly verdict = html('ul', { class: 'mc-verdict', 'aria-live': 'polite' });
  private state: State | null = null;
  private lengths: readonly number[] = [];
  private chosen: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement, private readonly send: (message: Message) => void) {
    this.frame = new Frame(host, {
      name: 'WasteMeter',
      title: 'What padding costs',
      hint: 'The same sentences, a row each, computed in three ways. Blue is a word; hatched is '
        + 'padding, computed for nothing. A gap stands between what is computed apart. Try first: '
        + 'make the sentences equally long, or the batch larger.'
    });
    this.batch = new Slider({
      label: 'Sentences', tip: 'How many sentences the batch has: the given ones, again and again',
      min: 1, max: 64, value: 1
    }, () => this.changed());
    this.spread = new Slider({
      label: 'Spread of lengths', min: 0, max: 100, step: 5, value: 100,
      tip: '100 %: as long as given. 0 %: all as long as the longest',
      write: value => `${value} %`
    }, () => this.changed());
    const again = action('Measure again', 'Run all three ways again, and take their time',
      () => this.ask({ t: 'measure' }));
    const panels = html('div', { class: 'mc-ways' });
    for (const way of WAYS) panels.append(this.panel(way));
    this.frame.body.append(row(this.batch.element, this.spread.element, again), panels,
      this.verdict);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.frame.dispose();
  }

  problem(text: string): void {
    this.busy(false);
    this.frame.problem(text);
    this.frame.say('');
  }

  show(state: State): void {
    if (this.timer !== undefined) return;       // a slider has moved on: what it asks comes next
    this.state = state;
    this.frame.problem('');
    this.batch.limit(1, state.most);
    this.batch.value = state.batch_size;
    this.spread.value = Math.round(100 * state.spread);
    this.busy(state.seconds === null);
    this.draw(state.lengths);
    for (const [way, { name, costs }] of this.panels) {
      name.textContent = state.names[way];
      costs.replaceChildren(...MEASURES.flatMap(([key, label, tip]) =>
        this.measure(state, way, key, label, tip)));
    }
    this.verdict.replaceChildren(...state.says.map(line => html('li', {}, line)));
    this.frame.say(state.seconds === null ? 'Taking the time \u2026' : '');
  }

  private panel(way: Way): HTMLElement {
    const cells = svg('svg', { class: 'mc-cells', tabindex: 0, role: 'img' });
    const panel = { name: html('figcaption', {}), cells, costs: html('dl', { class: 'mc-costs' }) };
    cells.addEventListener('pointermove', event => {
      const box = cells.getBoundingClientRect();
      this.choose(way, Math.floor((event.clientY - box.top) / box.height * this.lengths.length));
    });
    cells.addEventListener('pointerleave', () => this.choose(way, null));
    cells.addEventListener('blur', () => this.choose(way, null));
    cells.addEventListener('keydown', event => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const rows = rowsOf(way, this.lengths);
      const at = rows.findIndex(({ sentence }) => sentence === this.chosen);
      this.choose(way, Math.min(Math.max(at + step, 0), rows.length - 1));
    });
    this.panels.set(way, panel);
    return html('figure', { class: 'mc-way' }, panel.name, cells, panel.costs);
  }

  /** A sentence is the same in all three pictures: light it up in each. */
  private choose(way: Way, place: number | null): void {
    const row = place === null ? undefined : rowsOf(way, this.lengths)[place];
    const chosen = row?.sentence ?? null;
    if (chosen === this.chosen) return;
    this.chosen = chosen;
    this.draw(this.lengths);
    this.frame.say(row === undefined ? '' : this.describe(row.sentence, row.length));
  }

  private describe(sentence: number, length: number): string {
    const words = this.state?.words?.[sentence]?.join(' ');
    const padding = Math.max(...this.lengths) - length;
    const name = words === undefined ? `Sentence ${sentence + 1}` : `\u201c${words}\u201d`;
    return `${name}: ${length} ${length === 1 ? 'word' : 'words'}, `
      + `${padding === 0 ? 'no padding' : `${padding} of padding in the static graph`}.`;
  }

  private draw(lengths: readonly number[]): void {
    this.lengths = lengths;
    for (const [way, { cells }] of this.panels) {
      drawCells(cells, way, lengths, this.chosen);
      const { height } = sizesOf(lengths);
      cells.style.maxHeight = `${height}px`;
      const words = lengths.reduce((sum, length) => sum + length, 0);
      const padding = way === 'padded' ? lengths.length * Math.max(...lengths) - words : 0;
      cells.setAttribute('aria-label', `${this.state?.names[way] ?? way}: ${words} cells with `
        + `words, ${padding} of padding. Up and down go from sentence to sentence.`);
    }
  }

  private measure(state: State, way: Way, key: typeof MEASURES[number][0], label: string,
                  tip: string): HTMLElement[] {
    const of = (each: Way): number | null =>
      key === 'seconds' ? (state.seconds?.[each] ?? null) : state.costs[each][key];
    const value = of(way);
    const all = WAYS.map(each => of(each) ?? 0);
    const least = value !== null && value <= Math.min(...all);
    const bar = html('span', { class: 'mc-bar' });
    bar.style.width = value === null ? '0' : `${100 * value / Math.max(...all)}%`;
    const text = value === null ? '\u2026'
      : key === 'seconds' ? `${(1000 * value).toPrecision(3)} ms` : value.toLocaleString('en');
    return [html('dt', { title: tip }, label),
      html('dd', least ? { class: 'mc-least', title: 'the least of the three' } : {},
        `${text}${least ? ' \u2713' : ''}`, bar)];
  }

  /** Show the lengths at once; Python counts when the slider rests. */
  private changed(): void {
    if (this.state === null) return;
    const [batch, spread] = [this.batch.value, this.spread.value / 100];
    this.chosen = null;
    this.draw(stretch(this.state.given, batch, spread));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.ask({ t: 'set', batch_size: batch, spread });
    }, PATIENCE);
  }

  private ask(message: Message): void {
    this.busy(true);
    this.frame.say('Counting \u2026');
    this.send(message);
  }

  private busy(on: boolean): void {
    this.frame.body.setAttribute('aria-busy', String(on));
  }
}
