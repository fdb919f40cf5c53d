/** The DeviceSwitch: what lives where, what moving costs, and what a step takes on each device. */
import type { AnyModel } from '@anywidget/types';

import { action, Choice, count, flag, Frame, html, list, listen, number, on, orNull, real, record,
  row, table as named, tell, text, tuple, type Checked } from '../kit';

const TIMES = record({ copy: real, first: real, calls: real, wait: real, read: real });
export type Times = Checked<typeof TIMES>;

const STATE = record({
  device: text(), model: text(), available: flag, status: text(), why: text(), helps: text(),
  parts: list(record({ name: text(), device: text(), bytes: count })),
  moves: list(record({ name: text(), bytes: count, seconds: real, to: text() })),
  times: named(TIMES),
  phases: record({ copy: text(), first: text(), calls: text(), wait: text(), read: text() }),
  /** Bytes in arrays, and bytes held by the pool. */
  memory: orNull(tuple(count, count)),
  can_measure: flag, batch_size: count, examples: count, verdict: text()
});
export type DeviceState = Checked<typeof STATE>;
const BUSY = record({ text: text() });

const HINT = 'The switch moves the model, what the optimizer remembers, and the data. Measure '
  + 'times a step on copies: nothing is trained.';
const BATCHES = [1, 8, 32, 64, 128, 256, 512, 1024, 4096];

export class DeviceView {
  private readonly frame: Frame;
  private readonly toggle = html('button', {
    type: 'button', role: 'switch', class: 'mc-switch', 'aria-checked': 'false',
    'aria-label': 'Use the GPU', title: 'Move everything to the other device'
  }, html('span', { class: 'mc-side' }, 'CPU'), html('span', { class: 'mc-knob' }),
  html('span', { class: 'mc-side' }, 'GPU'));
  private readonly measure: HTMLButtonElement;
  private readonly free: HTMLButtonElement;
  private readonly batch: Choice;
  private readonly reason = html('div', { class: 'mc-reason' });
  private readonly cards = html('div', { class: 'mc-devices' });
  private readonly end: () => void;
  private on = false;

  constructor(host: HTMLElement, private readonly model: AnyModel<Record<string, unknown>>) {
    this.frame = new Frame(host, { name: 'DeviceSwitch', title: 'CPU or GPU', hint: HINT });
    this.measure = action('Measure', 'Time a step on each device that there is', () => {
      this.measure.disabled = true;
      this.send('measure');
    });
    this.free = action('Free memory', 'Give back what the pool holds and no array needs',
      () => this.send('free'));
    this.batch = new Choice({
      label: 'Examples in a batch', tip: 'Large batches give a GPU more to do at once',
      options: [], value: ''
    }, value => this.send('batch', { value: Number(value) }));
    this.toggle.addEventListener('click', () => {
      this.toggle.disabled = true;
      this.send('move', { to: this.on ? 'cpu' : 'gpu' });
    });
    this.frame.body.append(
      row(this.toggle, this.measure, this.batch.element, this.free), this.reason, this.cards);
    this.end = listen(model, text => this.frame.problem(text), {
      state: on(STATE, state => this.show(state)),
      busy: on(BUSY, ({ text }) => this.frame.say(text))
    });
  }

  dispose(): void {
    this.end();
    this.frame.dispose();
  }

  private send(t: string, content: Record<string, unknown> = {}): void {
    this.frame.problem('');
    tell(this.model, { t, ...content });
  }

  private show(state: DeviceState): void {
    const { available, device, can_measure, examples, batch_size } = state;
    this.on = device !== 'cpu';
    this.toggle.setAttribute('aria-checked', String(this.on));
    this.toggle.disabled = !available;
    this.measure.disabled = !can_measure;
    this.measure.title = can_measure ? 'Time a step on each device that there is'
      : 'Give data to measure with: DeviceSwitch(model, optimizer, (x, t))';
    this.free.hidden = !available;
    this.batch.element.hidden = !can_measure;
    const sizes = [...new Set([...BATCHES.filter(size => size <= examples), batch_size])]
      .sort((a, b) => a - b);
    this.batch.offer(sizes.map(size => [String(size), String(size)] as const),
      String(batch_size));
    this.reason.replaceChildren(...reason(state));
    const most = Math.max(...Object.values(state.times).map(step), 0);
    this.cards.replaceChildren(card(state, 'cpu', most),
      card(state, this.on ? device : 'gpu:0', most));
    this.frame.say(said(state));
  }
}

/** Why there is no GPU, and what to do about it. */
function reason(state: DeviceState): Node[] {
  if (state.available) return [html('p', { class: 'mc-quiet' }, state.status)];
  const helps = state.helps === '' ? [] : [html('p', {}, 'What helps: ',
    html('code', { class: 'mc-helps' }, state.helps))];
  return [html('p', {}, html('b', {}, 'No GPU can be used here. '), state.status),
    html('p', { class: 'mc-quiet' }, state.why), ...helps];
}

function card(state: DeviceState, device: string, most: number): HTMLElement {
  const gpu = device !== 'cpu';
  const here = state.device === device;
  const parts = state.parts.filter(part => part.device === device);
  const missing = gpu && !state.available;
  const where = here ? ' the model is here' : missing ? ' not there' : '';
  const body: Node[] = [html('h4', {}, gpu ? 'GPU' : 'CPU',
    html('span', { class: 'mc-quiet' }, where))];
  body.push(table(parts.map((part): Row => [part.name, bytes(part.bytes)]), 'Nothing is here.'));
  if (gpu && state.memory !== null) {
    body.push(table([['memory in arrays', bytes(state.memory[0])],
      ['memory held by the pool', bytes(state.memory[1])]], ''));
  }
  const moves = state.moves.filter(move => move.to === device);
  if (moves.length > 0) {
    body.push(html('h5', {}, 'Moved here'), table(moves.map((move): Row =>
      [move.name, `${bytes(move.bytes)} in ${duration(move.seconds)}`]), ''));
  }
  const times = state.times[device];
  if (times !== undefined) body.push(...timing(times, state.phases, most));
  return html('section', { class: `mc-device${here ? ' mc-here' : ''}${missing ? ' mc-none' : ''}`,
    'aria-label': gpu ? 'GPU' : 'CPU' }, ...body);
}

function timing(times: Times, phases: DeviceState['phases'], most: number): Node[] {
  const rows = (Object.keys(phases) as (keyof Times)[]).map(name =>
    [phases[name], duration(times[name]), `mc-${name}`] as const);
  const bar = html('div', { class: 'mc-bar', role: 'img',
    'aria-label': `a step takes ${duration(step(times))}` });
  for (const name of ['calls', 'wait'] as const) {
    const part = html('span', { class: `mc-${name}`, title: phases[name] });
    part.style.width = `${100 * times[name] / (most || 1)}%`;
    bar.append(part);
  }
  return [html('h5', {}, `A step: ${duration(step(times))}`), bar, table(rows, '')];
}

type Row = readonly [name: string, value: string, swatch?: string];

function table(rows: readonly Row[], empty: string): HTMLElement {
  if (rows.length === 0) return html('p', { class: 'mc-quiet' }, empty);
  return html('div', { class: 'mc-rows' }, ...rows.map(([name, value, swatch]) =>
    html('div', { class: 'mc-pair' },
      html('span', {},
        ...(swatch === undefined ? [] : [html('span', { class: `mc-swatch ${swatch}` })]), name),
      html('b', {}, value))));
}

function said(state: DeviceState): string {
  if (state.verdict !== '') return state.verdict;
  const cpu = state.times['cpu'];
  if (cpu !== undefined) {
    return `A step takes ${duration(step(cpu))} on the CPU.`
      + (state.available ? '' : ' Without a GPU there is nothing to compare it with.');
  }
  return `${state.model} is on ${state.device === 'cpu' ? 'the CPU' : state.device}.`;
}

export function step(times: Times): number {
  return times.calls + times.wait;
}

export function duration(seconds: number): string {
  if (seconds < 1e-3) return `${number(1e6 * seconds)} \u00b5s`;
  return seconds < 1 ? `${number(1e3 * seconds)} ms` : `${number(seconds)} s`;
}

export function bytes(size: number): string {
  let value = size;
  for (const unit of ['bytes', 'KiB', 'MiB']) {
    if (value < 1024) return `${unit === 'bytes' ? value : number(value)} ${unit}`;
    value /= 1024;
  }
  return `${number(value)} GiB`;
}
