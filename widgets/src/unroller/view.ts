/** A recurrent network over time: boxes, rows of colours, gradient lengths, arithmetic. */
import {
  action, Choice, Frame, HeatMap, html, legend, Slider, Toggle, type Message
} from '../kit';
import { explain } from './arithmetic';
import { Run, type Told } from './state';
import { bars, rolled, unrolled } from './strip';

const GUTTER = 124;
const CELL = { least: 7, most: 60 };
/** Pixels: a row of colours has about this height, a unit is at least 3 and at most 14 high. */
const ROW = 84;
const SHOWN_FIRST = new Set(['f', 'z', 'c', 'h', 'gh']);
const PATIENCE = 120;

export class UnrollerView {
  private readonly frame: Frame;
  private readonly choices = html('div', { class: 'mc-row' });
  private readonly switches = html('fieldset', { class: 'mc-row mc-rows' });
  private readonly time = html('div', { class: 'mc-time' });
  private readonly sums = html('div', { class: 'mc-sums' });
  private readonly shown = new Set(SHOWN_FIRST);
  private readonly layer: Choice;
  private readonly example: Slider;
  private readonly cut: Slider;
  private readonly step: Slider;
  private readonly roll: Toggle;
  private readonly observer: ResizeObserver | null;
  private run: Run | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private news: Record<string, unknown> = {};
  private waiting = 0;
  private width = 0;

  constructor(host: HTMLElement, private readonly send: (message: Message) => void) {
    this.frame = new Frame(host, {
      name: 'Unroller',
      title: 'A recurrent network over time',
      hint: 'One column a step, one line a unit. Blue arrows carry values forward, orange ones '
        + 'gradients back. Point at a cell for its arithmetic, or walk with the arrow keys. Try '
        + 'first: truncate backward, and see where the gradient ends.'
    });
    this.layer = new Choice({
      label: 'Layer', tip: 'Which recurrent link of the network', options: [], value: ''
    }, layer => this.ask({ layer }));
    this.example = new Slider({
      label: 'Example', tip: 'Each example is as long as it is', min: 1, max: 1, value: 1,
      write: value => this.exampleWords(value)
    }, value => this.ask({ example: value - 1 }));
    this.cut = new Slider({
      label: 'Truncate backward', min: 0, max: 1, value: 0,
      tip: 'Backward goes through so many steps at most: truncated backpropagation through time',
      write: value => (value === 0 ? 'nowhere' : `every ${value === 1 ? 'step' : `${value} steps`}`)
    }, cut => this.ask({ cut }));
    this.step = new Slider({
      label: 'Step', tip: 'Which step is shown', min: 1, max: 1, value: 1
    }, () => this.draw());
    this.roll = new Toggle({
      label: 'Rolled up', tip: 'One box with a loop, instead of a box for each step', value: false
    }, () => this.draw());
    const again = action('Run again', 'Read the weights as they are now, and run once more',
      () => this.tell({ t: 'refresh' }));
    this.choices.append(this.layer.element, this.example.element, this.cut.element,
      this.roll.element, this.step.element, again);
    this.frame.body.append(this.choices, this.switches, this.time, this.sums);
    this.observer = typeof ResizeObserver === 'undefined' ? null
      : new ResizeObserver(() => this.resized());
    this.observer?.observe(this.frame.body);
  }

  dispose(): void {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.waiting);
    this.observer?.disconnect();
    this.frame.dispose();
  }

  problem(text: string): void {
    this.frame.problem(text);
    this.time.setAttribute('aria-busy', 'false');
  }

  /** Show a state when the page draws next: of many that come at once, the last. */
  show(told: Told): void {
    if (this.timer !== undefined) return;       // a slider has moved on: what it asks comes next
    this.problem('');
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => this.take(told));
  }

  private take(told: Told): void {
    const other = this.run?.told.cell !== told.cell;
    this.run = new Run(told);
    this.layer.element.hidden = told.layers.length < 2;
    this.layer.offer(told.layers.map(layer => [layer, layer]), told.layer);
    this.example.element.hidden = told.examples.length < 2;
    this.example.limit(1, told.examples.length);
    this.example.value = told.example + 1;
    this.cut.limit(0, this.run.steps - 1);
    this.cut.value = told.cut;
    this.step.limit(1, this.run.steps);
    if (other) this.drawSwitches(this.run);
    this.frame.say(`L is ${told.loss}. ${told.verdict}${this.left(told)}`);
    this.draw();
  }

  private left({ units, shown }: Told): string {
    return units > shown ? ` The first ${shown} of ${units} units are drawn.` : '';
  }

  private exampleWords(value: number): string {
    const steps = this.run?.told.examples[value - 1];
    return steps === undefined ? String(value) : `${value}: ${steps} steps`;
  }

  private drawSwitches(run: Run): void {
    const switches = run.keys.map(key => {
      const { name } = run.row(key, []);
      return new Toggle({ label: name, tip: `Show or hide the row: ${name}`,
        value: this.shown.has(key) }, on => {
        if (on) this.shown.add(key);
        else this.shown.delete(key);
        this.draw();
      }).element;
    });
    this.switches.replaceChildren(html('legend', { class: 'mc-label' }, 'Rows'), ...switches);
  }

  private resized(): void {
    const width = this.frame.body.clientWidth;
    if (width === this.width) return;
    this.width = width;
    this.draw();
  }

  private draw(): void {
    const { run } = this;
    if (run === null) return;
    const isRolled = this.roll.input.checked;
    this.step.element.hidden = !isRolled;
    const step = this.step.value - 1;
    const steps = isRolled ? [step] : Array.from({ length: run.steps }, (_, k) => k);
    const room = (this.frame.body.clientWidth || 700) - GUTTER - 16;
    const cell = isRolled ? CELL.most
      : Math.floor(Math.min(CELL.most, Math.max(CELL.least, room / run.steps)));
    const { told, norms } = run;
    const strip = isRolled
      ? rolled(told.link, run.steps, `step ${step + 1}: ${told.labels[step] ?? ''}`)
      : unrolled({ ...told, name: told.link, norms, cell });
    const { scrollLeft } = this.time;
    const rows = run.keys.filter(key => this.shown.has(key));
    this.time.replaceChildren(this.line(told.link, strip),
      ...rows.map(key => this.heat(run, key, steps, cell)),
      this.line('length of \u2202L/\u2202h', bars(norms, steps, cell),
        html('div', { class: 'mc-note' }, 'bars: log scale')));
    this.time.scrollLeft = scrollLeft;
    this.sums.replaceChildren(html('p', {}, 'Point at a cell to see how its number came about.'));
  }

  private line(label: string, content: Element, ...more: Node[]): HTMLElement {
    return html('div', { class: 'mc-track' },
      html('div', { class: 'mc-gutter' }, html('div', {}, label), ...more), content);
  }

  private heat(run: Run, key: string, steps: readonly number[], cell: number): HTMLElement {
    const { name, map, limits, values, units } = run.row(key, steps);
    const cellHeight = Math.min(14, Math.max(3, Math.round(ROW / units)));
    const lines = (place: { row: number; column: number }): string[] =>
      explain(run, key, steps[place.column] ?? 0, place.row);
    const drawn = new HeatMap({
      label: `${name}: ${units} units, ${steps.length} steps`, map, cell, cellHeight,
      describe: place => lines(place).join(' '),
      point: place => {
        if (place !== null) this.say(lines(place));
      }
    });
    drawn.show(values, units, steps.length, limits);
    return this.line(name, drawn.element, legend(map, limits));
  }

  private say([first = '', ...others]: readonly string[]): void {
    this.sums.replaceChildren(html('p', {}, html('strong', {}, first), ...others.map(
      text => html('span', {}, text))));
  }

  /** Ask for all that was chosen, once the choices rest. */
  private ask(news: Record<string, unknown>): void {
    this.news = { ...this.news, ...news };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.tell({ t: 'set', ...this.news });
      this.news = {};
    }, PATIENCE);
  }

  private tell(message: Message): void {
    this.time.setAttribute('aria-busy', 'true');
    this.send(message);
  }
}
