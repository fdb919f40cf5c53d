/** The words around the scene: title, phase, what one sees, status, scale of the gradients. */
import { html } from '../kit/dom';
import { look } from './look';
import type { Phase } from './protocol';
import type { Stage } from './stage';
import { say, tiny, type Translate } from './words';

const PHASES: Readonly<Record<Phase, string>> = {
  idle: '',
  forward: '\u25bc forward',
  backward: '\u25b2 backward',
  update: '\u2713 update'
};

/** In a large picture a change of words lays out the whole scene anew: not more often than this. */
const LARGE = 400;
const SELDOM = 250;

export class Captions {
  readonly head: HTMLElement;
  readonly hint = html('p', { class: 'mc-hint' });
  readonly foot: HTMLElement;
  /** An example is shown. */
  example = false;
  /** What the kernel or the panel has to say. */
  notice = '';
  /** What went wrong; stands in place of the rest. */
  alarm = '';
  private readonly title = html('h2', { class: 'mc-title' });
  private readonly phase = html('span', { class: 'mc-phase' });
  private readonly status = html('span', { class: 'mc-status', role: 'status' });
  private readonly heat = html('span', { class: 'mc-heatscale', hidden: '' });

  private shownPhase: Phase | null = null;
  private shownHighest = 0;
  private shownAt = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly stage: Stage,
    private readonly tr: Translate,
    private readonly ownHint: string | undefined
  ) {
    this.head = html('div', { class: 'mc-head' }, this.title, this.phase);
    this.foot = html('div', { class: 'mc-foot' }, this.status, this.heat);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  /** Show soon: at once, or a little later while a large graph grows. */
  refresh(): void {
    const { model, picture } = this.stage;
    const rest = this.shownAt + SELDOM - Date.now();
    if (picture.boxes.size < LARGE || model.phase !== this.shownPhase || rest <= 0) this.show();
    else this.timer ??= setTimeout(() => this.show(), rest);
  }

  show(): void {
    const { model } = this.stage;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.shownAt = Date.now();
    this.shownPhase = model.phase;
    const plain = this.example ? this.tr('An example: y = exp(x w + b)') : this.tr('Live graph');
    write(this.title, model.title ?? plain);
    write(this.phase, this.tr(PHASES[model.phase]));
    this.phase.className = `mc-phase mc-phase-${model.phase}`;
    write(this.hint, this.hintText());
    this.showHeat();
    this.showStatus();
  }

  showStatus(): void {
    const parts = this.example ? [] : this.counts();
    if (this.notice !== '') parts.push(this.notice);
    write(this.status, this.alarm === '' ? parts.join(' \u00b7 ') : this.alarm);
    this.status.classList.toggle('mc-alarm', this.alarm !== '');
  }

  private counts(): string[] {
    const { model, picture } = this.stage;
    let operations = 0;
    let parameters = 0;
    for (const node of model.nodes.values()) {
      if (node.kind === 'function') operations += 1;
      if (node.kind === 'parameter') parameters += 1;
    }
    const parts = [
      operations === 1 ? this.tr('1 operation') : say(this.tr, '{0} operations', operations)
    ];
    if (parameters > 0) {
      parts.push(
        parameters === 1 ? this.tr('1 parameter') : say(this.tr, '{0} parameters', parameters)
      );
    }
    if (picture.boxes.size < model.nodes.size / 2) {
      parts.push(say(this.tr, 'drawn as {0} boxes', picture.boxes.size));
    }
    if (model.truncated > 0) parts.push(say(this.tr, '{0} more not drawn', model.truncated));
    return parts;
  }

  private hintText(): string {
    if (this.example) {
      return this.tr('Run a cell that computes with minichain: your own graph grows here.');
    }
    if (this.ownHint !== undefined) return this.ownHint;
    if (this.stage.model.gradients.size > 0) {
      return this.tr('Orange shows how much gradient (\u2207) reached each box. Click one.');
    }
    for (const box of this.stage.picture.boxes.values()) {
      if (box.kind !== 'stack' && box.kind !== 'call') continue;
      return this.tr(
        'Each box is an operation, in the order of your code. Click \u25b8 to unfold.'
      );
    }
    return this.tr('Each box is an operation, in the order of your code. Click one for details.');
  }

  private showHeat(): void {
    const { highest } = this.stage.model;
    if (highest === this.shownHighest) return;
    this.shownHighest = highest;
    this.heat.hidden = highest === 0;
    if (highest === 0) return;
    const { levels, decades } = look.heat;
    const floor = highest / 10 ** ((levels - 1) * decades);
    const steps = Array.from({ length: levels }, (_, level) =>
      html('span', { class: `mc-heatstep mc-heat${level}` })
    );
    this.heat.title = this.tr('Gradient size (L2 norm): each step is about three times the last');
    const low = `${look.signs.gradient} \u2264 ${tiny(floor)}`;
    this.heat.replaceChildren(low, ...steps, tiny(highest));
  }
}

function write(element: HTMLElement, words: string): void {
  if (element.textContent !== words) element.textContent = words;
}
