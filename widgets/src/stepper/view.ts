/** The BackpropStepper: buttons, the graph, the step in detail, and the quiz. */
import type { AnyModel } from '@anywidget/types';

import { parseGraph, type GraphNode } from '../graph/protocol';
import { action, Frame, html, listen, row, Slider, tell, Toggle, type Message } from '../kit';
import { card } from './card';
import { Drawing } from './drawing';
import { Quiz, type Question, type Verdict } from './quiz';
import { placeAt, stepOf, type Walk } from './steps';

export interface StepperState extends Record<string, unknown> {
  scene: Walk;
  position: number;
  playing: boolean;
  pace: number;
  quiz: boolean;
  question: Question;
  verdict: Verdict;
}

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

  constructor(host: HTMLElement, private readonly model: AnyModel<StepperState>) {
    this.walk = model.get('scene');
    const graph = parseGraph(this.walk.graph);
    this.nodes = graph.ok ? graph.value.nodes : [];
    this.frame = new Frame(host, {
      name: 'BackpropStepper', title: 'Backpropagation, step by step', hint: HINT
    });
    if (!graph.ok) this.frame.problem(graph.error);
    this.drawing = new Drawing(id => this.pick(id), id => this.tip(id));
    this.quiz = new Quiz(text => tell(model, { t: 'answer', text }), () => this.move(1));
    this.buttons = this.makeButtons();
    this.slider = this.makeSlider();
    this.quizzing = new Toggle({
      label: 'Quiz', value: model.get('quiz'),
      tip: 'Find each number yourself before it is shown'
    }, on => this.set('quiz', on));
    const { first, back, step, play } = this.buttons;
    this.frame.body.append(
      row(first, back, step, play, this.slider.element, this.makePace(), this.quizzing.element),
      html('div', { class: 'mc-stage' }, this.drawing.element,
        html('div', { class: 'mc-side' }, this.quiz.element, this.details)));
    this.drawing.surface.addEventListener('keydown', event => this.key(event));
    const problem = (message: Message): void => this.frame.problem(String(message['text']));
    this.ends.push(listen(model, { problem }));
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
      value: this.model.get('position'), write: value => `${value} of ${last}`
    }, value => this.go(value));
  }

  private makePace(): HTMLElement {
    const slider = new Slider({
      label: 'Pace', tip: 'Seconds a step while it plays', min: 0.2, max: 3, step: 0.2,
      value: this.model.get('pace'), write: value => `${value} s`
    }, value => this.set('pace', value));
    return slider.element;
  }

  private set<K extends keyof StepperState & string>(name: K, value: StepperState[K]): void {
    this.model.set(name, value);
    this.model.save_changes();
    this.show();
  }

  private move(by: number): void {
    this.go(this.model.get('position') + by);
  }

  private go(wanted: number): void {
    const place = Math.min(Math.max(wanted, 0), this.walk.steps.length);
    if (place !== this.model.get('position')) this.set('position', place);
  }

  private pick(id: number): void {
    const place = stepOf(this.walk, id, this.model.get('position'));
    if (place !== null) this.go(place);
  }

  private tip(id: number): string {
    const step = this.walk.steps.find(each => each.node === id);
    return step === undefined ? '' : `${step.name}: click to go to its step.`;
  }

  private togglePlay(): void {
    const on = !this.model.get('playing');
    const atEnd = this.model.get('position') === this.walk.steps.length;
    if (on && atEnd) this.go(0);
    this.set('playing', on);
  }

  /** Without a kernel, too: everything that a step shows is here already. */
  private show(): void {
    const { model, walk, buttons } = this;
    const position = model.get('position');
    const last = walk.steps.length;
    const step = walk.steps[position - 1];
    const quiz = model.get('quiz');
    this.drawing.show(placeAt(walk.steps, this.nodes, position));
    this.details.replaceChildren(step === undefined ? html('p', {}, START) : card(step));
    this.slider.value = position;
    this.quizzing.input.checked = quiz;
    buttons.first.disabled = buttons.back.disabled = position === 0;
    buttons.step.disabled = position === last;
    buttons.step.classList.toggle('mc-primary', position < last);
    const next = quiz ? walk.steps[position] : undefined;
    this.quiz.show(next, model.get('question'), model.get('verdict'));
    this.frame.say(step === undefined ? '' : firstLines(step.text));
    this.schedule(position < last);
  }

  private schedule(more: boolean): void {
    const { model, buttons } = this;
    window.clearTimeout(this.timer);
    const asks = model.get('quiz') && model.get('question').ask !== undefined;
    const on = model.get('playing') && more && !asks;
    buttons.play.textContent = on ? 'Pause' : 'Play';
    buttons.play.setAttribute('aria-pressed', String(on));
    if (on) this.timer = window.setTimeout(() => this.move(1), 1000 * model.get('pace'));
    else if (model.get('playing') && !more) this.set('playing', false);
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
