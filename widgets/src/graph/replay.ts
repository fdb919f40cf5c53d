/** The run once more, moment by moment: operations in the order of birth, then their gradients. */
import { button, html } from '../kit/dom';
import type { Lights } from './face';
import type { Model } from './model';
import type { Back } from './protocol';
import { say, short, type Translate } from './words';

/** One thing that happened. */
export interface Happening {
  readonly id: number;
  readonly back: Back | null;
}

export function happenings(model: Model): Happening[] {
  const born = [...model.nodes.values()].filter(node => node.kind === 'function')
    .sort((a, b) => a.id - b.id).map(node => ({ id: node.id, back: null }));
  const lit = [...model.gradients.values()].map(back => ({ id: back.id, back }));
  return [...born, ...lit];
}

/** What a model knew after the first `count` things that happened. */
export function lightsAt(model: Model, all: readonly Happening[], count: number): Lights {
  const gradients = new Map<number, Back>();
  let born = 0;
  for (const { id, back } of all.slice(0, count)) {
    if (back === null) born = id;
    else gradients.set(id, back);
  }
  const over = count >= all.length;
  return {
    nodes: model.nodes, consumers: model.consumers, gradients, born, highest: model.highest,
    released: over ? model.released : new Set(), updated: over ? model.updated : new Set(),
    failed: over ? model.failed : new Set()
  };
}

/** Milliseconds from one moment to the next while it plays. */
const BEAT = 250;

export class ReplayRow {
  readonly element: HTMLElement;
  private readonly slider: HTMLInputElement;
  private readonly words = html('output', { class: 'mc-found' });
  private readonly play: HTMLButtonElement;
  private timer: ReturnType<typeof setInterval> | undefined;
  private all: readonly Happening[] = [];

  /** `changed` gets the number of things that have happened, or null: follow what comes. */
  constructor(
    private readonly model: Model,
    private readonly tr: Translate,
    private readonly changed: (count: number | null) => void
  ) {
    const label = tr('Moment of the run');
    this.slider = html('input', {
      type: 'range', min: 0, max: 0, 'aria-label': label, title: label
    });
    this.slider.addEventListener('input', () => {
      this.stop();
      this.tell();
    });
    this.slider.addEventListener('keydown', event => event.stopPropagation());
    this.play = button('mc-ask', tr('Go on by itself'), tr('Play'), () => this.toggle());
    this.label(tr('Play'), tr('Play the replay'));
    this.element = html('div', { class: 'mc-search mc-replay', hidden: '' }, this.play, this.slider,
      this.words);
  }

  get events(): readonly Happening[] {
    return this.all;
  }

  /** Open at the last moment, or close and follow again. */
  open(on: boolean): void {
    this.element.hidden = !on;
    this.stop();
    if (!on) return this.changed(null);
    this.all = happenings(this.model);
    this.slider.max = String(this.all.length);
    this.slider.value = this.slider.max;
    this.tell();
  }

  dispose(): void {
    this.stop();
  }

  private toggle(): void {
    if (this.timer !== undefined) return this.stop();
    if (this.slider.valueAsNumber >= this.all.length) this.slider.value = '0';
    this.label(this.tr('Pause'), this.tr('Pause the replay'));
    this.timer = setInterval(() => {
      this.slider.value = String(this.slider.valueAsNumber + 1);
      this.tell();
      if (this.slider.valueAsNumber >= this.all.length) this.stop();
    }, BEAT);
    this.tell();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.label(this.tr('Play'), this.tr('Play the replay'));
  }

  private label(word: string, name: string): void {
    this.play.textContent = word;
    this.play.setAttribute('aria-label', name);
  }

  private tell(): void {
    const count = this.slider.valueAsNumber;
    const text = this.describe(count);
    this.words.textContent = text;
    this.slider.setAttribute('aria-valuetext', text);
    this.changed(count);
  }

  private describe(count: number): string {
    const place = `${count} / ${this.all.length}`;
    const last = this.all[count - 1];
    if (last === undefined) return `${place} ${this.tr('before the run')}`;
    const name = this.model.nodes.get(last.id)?.label ?? '';
    return last.back === null ? say(this.tr, '{0} forward: {1}', place, name)
      : say(this.tr, '{0} backward: {1} \u2207 {2}', place, name, short(last.back.norm));
  }
}
