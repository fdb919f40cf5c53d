/** The TrainingRun: buttons, settings, curves that grow, and looks into the network. */
import type { AnyModel } from '@anywidget/types';

import { action, Choice, Frame, html, listen, number, NumberField, on, row, Slider, Tabs, tell }
  from '../kit';
import { Charts } from './charts';
import { FitView } from './fit';
import * as pages from './pages';
import { counts, EVERYTHING, LOOK, NEWS, saying, type Curves, type Everything, type Look,
  type Status } from './state';

const HINT = 'Train changes the weights batch by batch until Pause. Forward, Backward and Step do '
  + 'one batch by hand. Learning rate and optimizer may change at any time.';
const TABS = ['curves', 'fit', 'predictions', 'confusion', 'spread', 'inside'] as const;
const FITS = { regions: 'Regions', curve: 'Fit', scatter: 'Fit' } as const;
const FIRST = 'The first examples, and what the model says about them.';
const SPEEDS: readonly (readonly [string, string])[] = [
  ['0', 'as fast as it can'], ['30', '30 steps a second'], ['5', '5 steps a second'],
  ['1', '1 step a second']
];
const PATIENCES: readonly (readonly [string, string])[] = [
  ['0', 'never'], ['3', '3 epochs without progress'], ['5', '5 epochs without progress'],
  ['10', '10 epochs without progress']
];

type Model = AnyModel<Record<string, unknown>>;

export class TrainingView {
  private readonly id = Math.random().toString(36).slice(2);
  private readonly frame: Frame;
  private readonly buttons: Record<'train' | 'step' | 'forward' | 'backward' | 'reset',
    HTMLButtonElement>;
  private readonly count = html('p', { class: 'mc-count' });
  private readonly named = html('span', {});
  private readonly fed = html('span', {});
  private readonly charts = new Charts();
  private readonly lr: NumberField;
  private readonly optimizer: Choice;
  private readonly speed: Choice;
  private readonly patience: Choice;
  private readonly bodies: Record<(typeof TABS)[number], HTMLElement>;
  private readonly sentence = html('input', { type: 'text', class: 'mc-number mc-sentencefield',
    maxlength: 1000, autocomplete: 'off', placeholder: 'Type a sentence, press Enter',
    title: 'What does the model say about a sentence that it has never seen?' });
  private readonly asking = html('label', { class: 'mc-control mc-asking', hidden: '' },
    html('span', { class: 'mc-label' }, 'A sentence of your own'), this.sentence);
  private readonly chosen = html('div', {});
  private readonly layers = html('div', {});
  private readonly fit = new FitView();
  private readonly example: Slider;
  private readonly tabs: Tabs;
  private readonly end: () => void;
  private status: Status | null = null;
  private tab: (typeof TABS)[number] = 'curves';
  private title = FIRST;
  private ready = false;

  constructor(host: HTMLElement, private readonly model: Model) {
    this.frame = new Frame(host, { name: 'TrainingRun', title: 'Training', hint: HINT });
    this.buttons = this.makeButtons();
    this.lr = new NumberField({
      label: 'Learning rate', tip: 'How far one step goes: try ten times more or less', min: 0,
      max: 1e6, value: 0.001
    }, value => this.send('lr', { value }));
    this.optimizer = new Choice({
      label: 'Optimizer', tip: 'The rule by which gradients change weights', options: [], value: ''
    }, name => this.send('optimizer', { name }));
    this.speed = new Choice({
      label: 'Speed', tip: 'Slow enough to watch, or as fast as it can', options: SPEEDS,
      value: '0'
    }, value => this.send('speed', { value: Number(value) }));
    this.patience = new Choice({
      label: 'Stop early after', tip: 'Stop when the test loss no longer becomes smaller',
      options: PATIENCES, value: '0'
    }, value => this.send('patience', { value: Number(value) }));
    this.example = new Slider({
      label: 'Example', tip: 'Which example goes through the network', min: 0, max: 0, value: 0
    }, value => this.send('tab', { name: 'inside', number: value }));
    this.sentence.addEventListener('change', () => this.ask());
    this.bodies = this.makeBodies();
    this.tabs = this.makeTabs();
    this.compose();
    this.end = listen(model, text => this.trouble(text), {
      state: on(EVERYTHING, all => this.take(all)),
      news: on(NEWS, ({ curves, status }) => this.news(curves, status)),
      look: on(LOOK, look => this.look(look))
    });
    this.send('shown', { view: this.id });
  }

  dispose(): void {
    this.end();
    this.send('gone', { view: this.id });
    this.frame.dispose();
  }

  private send(t: string, content: Record<string, unknown> = {}): void {
    tell(this.model, { t, ...content });
  }

  private makeButtons(): typeof this.buttons {
    const order = (t: string) => () => {
      this.frame.problem('');
      this.send(t);
    };
    const buttons = {
      train: action('Train', 'Train batch after batch, until you press it again',
        () => order(this.status?.playing === true ? 'pause' : 'train')()),
      step: action('Step', 'One batch: forward, backward, and change the weights', order('step')),
      forward: action('Forward', 'Compute the loss of the next batch, nothing else',
        order('forward')),
      backward: action('Backward', 'Compute the gradients of this batch; weights stay',
        order('backward')),
      reset: action('Reset', 'Begin anew with the weights of the beginning', order('reset'))
    };
    buttons.train.classList.add('mc-primary');
    return buttons;
  }

  private makeBodies(): typeof this.bodies {
    return {
      curves: this.charts.element,
      fit: this.fit.element,
      predictions: html('div', {}, this.asking, this.chosen),
      confusion: html('div', {}),
      spread: html('div', {}),
      inside: html('div', {}, row(this.example.element), this.layers)
    };
  }

  private makeTabs(): Tabs {
    const { curves, fit, predictions, confusion, spread, inside } = this.bodies;
    return new Tabs('What to look at', [
      { label: 'Curves', content: curves }, { label: 'Fit', content: fit },
      { label: 'Predictions', content: predictions }, { label: 'Confusion', content: confusion },
      { label: 'Weights', content: spread }, { label: 'Inside', content: inside }
    ], index => this.open(index));
  }

  private compose(): void {
    const { train, step, forward, backward, reset } = this.buttons;
    this.frame.body.append(row(train, step, forward, backward, reset, this.speed.element),
      row(this.lr.element, this.optimizer.element, this.patience.element), this.count,
      this.tabs.element, html('p', { class: 'mc-quiet mc-fed' }, this.named, this.fed));
    for (const button of Object.values(this.buttons)) button.disabled = true;
    this.frame.say('Waiting for the kernel.');
  }

  private open(index: number): void {
    this.tab = TABS[index] ?? 'curves';
    if (this.tab === 'predictions') this.title = FIRST;
    if (this.ready) this.ask();
  }

  private ask(): void {
    const number = this.tab === 'inside' ? { number: this.example.value } : {};
    this.send('tab', { name: this.tab, ...number, ...this.own() });
  }

  /** The sentence that was typed, for the tab that answers it. */
  private own(): { sentence?: string } {
    const sentence = this.sentence.value.trim();
    return this.tab === 'predictions' && sentence !== '' ? { sentence } : {};
  }

  private take(all: Everything): void {
    this.ready = true;
    this.charts.clear();
    this.charts.tested(all.tested);
    this.charts.add(all.curves);
    const names = all.optimizers.includes(all.status.optimizer) ? all.optimizers
      : [all.status.optimizer, ...all.optimizers];
    this.optimizer.offer(names.map(name => [name, name] as const), all.status.optimizer);
    this.speed.value = String(all.speed);
    this.patience.element.hidden = !all.tested;
    this.asking.hidden = !all.reads;
    this.patience.value = String(all.patience);
    this.tabs.offer(TABS.indexOf('fit'), all.fits === '' ? null : FITS[all.fits]);
    const isReal = all.fits === 'curve' || all.fits === 'scatter';
    this.tabs.offer(TABS.indexOf('confusion'), isReal ? null : 'Confusion');
    this.fed.textContent = `, ${all.examples} examples in batches of ${all.batch_size}`;
    this.status = null;
    this.show(all.status);
    this.ask();
  }

  private news(curves: Curves, status: Status): void {
    this.charts.add(curves);
    this.show(status);
    this.send('seen');
  }

  private trouble(text: string): void {
    this.frame.problem(text);
    if (this.status !== null) this.restore(this.status);
  }

  /** Settings as they are in Python, after one was refused. */
  private restore(status: Status): void {
    if (status.lr !== null) this.lr.value = status.lr;
    this.optimizer.value = status.optimizer;
  }

  private show(status: Status): void {
    const before = this.status;
    this.status = status;
    const { train, step, forward, backward, reset } = this.buttons;
    train.textContent = status.playing ? 'Pause' : 'Train';
    train.setAttribute('aria-pressed', String(status.playing));
    train.disabled = step.disabled = forward.disabled = backward.disabled = reset.disabled =
      status.followed;
    this.lr.element.hidden = status.lr === null;
    if (before?.lr !== status.lr || before?.optimizer !== status.optimizer) this.restore(status);
    this.count.textContent = counts(status, number);
    this.named.textContent = status.model;
    this.frame.say(status.notice !== '' && !status.alarm ? status.notice : saying(status));
    if (status.alarm && status.notice !== '' && before?.notice !== status.notice) {
      this.frame.problem(status.notice);
    }
  }

  private look(found: Look): void {
    if ('reason' in found) {
      this.explain(found.tab, found.reason);
      return;
    }
    switch (found.tab) {
      case 'fit':
        this.fit.show(found);
        break;
      case 'predictions':
        this.chosen.replaceChildren(pages.predictions(found, this.title));
        break;
      case 'confusion':
        this.keepingFocus(this.bodies.confusion, pages.confusion(found,
          (numbers, title) => this.examples(numbers, title)));
        break;
      case 'spread':
        this.bodies.spread.replaceChildren(pages.spread(found));
        break;
      case 'inside':
        this.example.limit(0, found.count - 1);
        this.example.value = found.example.number;
        this.layers.replaceChildren(...pages.inside(found));
    }
  }

  /** Why a tab has nothing to show. */
  private explain(tab: string, reason: string): void {
    const { confusion, spread } = this.bodies;
    const places: Readonly<Record<string, HTMLElement>> =
      { predictions: this.chosen, inside: this.layers, confusion, spread };
    if (tab === 'fit') this.fit.explain(reason);
    else places[tab]?.replaceChildren(html('p', {}, reason));
  }

  /** Replace a table while one of its buttons may have the focus. */
  private keepingFocus(place: HTMLElement, content: HTMLElement): void {
    const active = place.ownerDocument.activeElement;
    const label = place.contains(active) ? (active?.closest('td')?.cellIndex ?? -1) : -1;
    const line = active?.closest('tr')?.rowIndex ?? -1;
    place.replaceChildren(content);
    if (label < 0) return;
    const table = place.querySelector('table');
    table?.rows[line]?.cells[label]?.querySelector('button')?.focus();
  }

  /** Show the examples of a cell of the confusion matrix. */
  private examples(numbers: readonly number[], title: string): void {
    this.tabs.show(TABS.indexOf('predictions'));
    this.title = title;
    this.send('tab', { name: 'predictions', numbers, ...this.own() });
  }
}
