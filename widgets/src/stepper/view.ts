/** The BackpropStepper: buttons, the graph, the step in detail, and the quiz. */
import type { AnyModel } from '@anywidget/types';

import type { GraphNode } from '../graph/protocol';
import { action, Frame, html, listen, row, Slider, tell, Toggle, tried } from '../kit';
import { card } from './card';
import { Drawing } from './drawing';
import { Quiz } from './quiz';
import { AT_START, placeAt, readWalk, stepOf, TRAITS, type Traits, type Walk } from './steps';

const HINT = 'Step runs one operation. After the last one the gradient flows back, node by node. '
  + 'Click a node to go to it.';
const START = 'Nothing has run yet. Press Step: the first operation computes its output. '
  + 'When all have run, go on pressing: then the gradients come back.';

export class StepperView {
  private readonly frame: Frame;
  private readonly drawing: Drawing;
  private readonly quiz: Quiz;
  private readonly nodes: readonly GraphNode[];
  private readonly walk: Walk;
  private readonly details = html('div', { class: 'mc-details' });
  private readonly slider: Slider;
  private readonly quizzing: Toggle;
  private readonly buttons: Record<'first' | 'back' | 'step' | 'play', HTMLButtonElement>;
  private readonly ends: (() => void)[] = [];
  private timer = 0;

  constructor(host: HTMLElement, private readonly model: AnyModel<Record<string, unknown>>) {
    const { walk, nodes, problem } = readWalk(model.get('scene'));
    this.walk = walk;
    this.nodes = nodes;
    this.frame = new Frame(host, {
      name: 'BackpropStepper', title: 'Backpropagation, step by step', hint: HINT
    });
    this.frame.problem(problem);
    this.drawing = new Drawing(id => this.pick(id), id => this.tip(id));
    this.quiz = new Quiz(text => tell(model, { t: 'answer', text }), () => this.move(1));
    this.buttons = this.makeButtons();
    this.slider = this.makeSlider();
    this.quizzing = new Toggle({
      label: 'Quiz', value: this.now.quiz,
      tip: 'Find each number yourself before it is shown'
    }, on => this.set('quiz', on));
    const { first, back, step, play } = this.buttons;
    this.frame.body.append(
      row(first, back, step, play, this.slider.element, this.makePace(), this.quizzing.element),
      html('div', { class: 'mc-stage' }, this.drawing.element,
        html('div', { class: 'mc-side' }, this.quiz.element, this.details)));
    this.drawing.surface.addEventListener('keydown', event => this.key(event));
    this.ends.push(listen(model, text => this.frame.problem(text), {}));
    for (const name of ['position', 'quiz', 'question', 'verdict', 'playing'] as const) {
      const changed = (): void => this.show();
      model.on(`change:${name}`, changed);
      this.ends.push(() => model.off(`change:${name}`, changed));
    }
    this.show();
  }

  dispose(): void {
    window.clearTimeout(this.timer);
    this.ends.forEach(end => end());
    this.drawing.dispose();
    this.frame.dispose();
  }

  private makeButtons(): typeof this.buttons {
    return {
      first: action('Start', 'Back to the start', () => this.go(0)),
      back: action('\u25c0 Back', 'Undo the last step', () => this.move(-1)),
      step: action('Step \u25b6', 'Do the next step', () => this.move(1)),
      play: action('Play', 'Step by step without pressing', () => this.togglePlay())
    };
  }

  private makeSlider(): Slider {
    const last = this.walk.steps.length;
    return new Slider({
      label: 'Steps done', tip: 'Go to any step', min: 0, max: last,
      value: this.now.position, write: value => `${value} of ${last}`
    }, value => this.go(value));
  }

  private makePace(): HTMLElement {
    const slider = new Slider({
      label: 'Pace', tip: 'Seconds a step while it plays', min: 0.2, max: 3, step: 0.2,
      value: this.now.pace, write: value => `${value} s`
    }, value => this.set('pace', value));
    return slider.element;
  }

  /** The traits as they are now; those of the start, and a sentence, where they do not fit. */
  private get now(): Traits {
    const { model } = this;
    const given = Object.fromEntries(Object.keys(AT_START).map(name => [name, model.get(name)]));
    const now = tried(TRAITS, given, 'The state');
    if (!now.ok) this.frame.problem(now.error);
    return now.ok ? now.value : AT_START;
  }

  private set<K extends keyof Traits>(name: K, value: Traits[K]): void {
    this.model.set(name, value);
    this.model.save_changes();
    this.show();
  }

  private move(by: number): void {
    this.go(this.now.position + by);
  }

  private go(wanted: number): void {
    const place = Math.min(Math.max(wanted, 0), this.walk.steps.length);
    if (place !== this.now.position) this.set('position', place);
  }

  private pick(id: number): void {
    const place = stepOf(this.walk, id, this.now.position);
    if (place !== null) this.go(place);
  }

  private tip(id: number): string {
    const step = this.walk.steps.find(each => each.node === id);
    return step === undefined ? '' : `${step.name}: click to go to its step.`;
  }

  private togglePlay(): void {
    const on = !this.now.playing;
    const atEnd = this.now.position === this.walk.steps.length;
    if (on && atEnd) this.go(0);
    this.set('playing', on);
  }

  /** Without a kernel, too: everything that a step shows is here already. */
  private show(): void {
    const { walk, buttons } = this;
    const { position, quiz, question, verdict } = this.now;
    const last = walk.steps.length;
    const step = walk.steps[position - 1];
    this.drawing.show(placeAt(walk.steps, this.nodes, position));
    this.details.replaceChildren(step === undefined ? html('p', {}, START) : card(step));
    this.slider.value = position;
    this.quizzing.input.checked = quiz;
    buttons.first.disabled = buttons.back.disabled = position === 0;
    buttons.step.disabled = position === last;
    buttons.step.classList.toggle('mc-primary', position < last);
    const next = quiz ? walk.steps[position] : undefined;
    this.quiz.show(next, question, verdict);
    this.frame.say(step === undefined ? '' : firstLines(step.text));
    this.schedule(position < last);
  }

  private schedule(more: boolean): void {
    const { buttons } = this;
    const { pace, playing, question, quiz } = this.now;
    window.clearTimeout(this.timer);
    const asks = quiz && question.ask !== undefined;
    const on = playing && more && !asks;
    buttons.play.textContent = on ? 'Pause' : 'Play';
    buttons.play.setAttribute('aria-pressed', String(on));
    if (on) this.timer = window.setTimeout(() => this.move(1), 1000 * pace);
    else if (playing && !more) this.set('playing', false);
  }

  private key(event: KeyboardEvent): void {
    const last = this.walk.steps.length;
    const ways: Record<string, () => void> = {
      ArrowRight: () => this.move(1), ArrowLeft: () => this.move(-1),
      Home: () => this.go(0), End: () => this.go(last), ' ': () => this.togglePlay()
    };
    const way = ways[event.key];
    if (way === undefined) return;
    event.preventDefault();
    way();
  }
}

/** 'Step 3 of 9, forward: x mul. 2.0 × 3.0 = 6.0' for a screen reader, in one line. */
function firstLines(text: string): string {
  return text.split('\n').map(line => line.trim()).join('; ');
}
