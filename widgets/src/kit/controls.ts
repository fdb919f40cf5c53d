/** Controls with a label, a tooltip in plain words, and a sentence for wrong input. */
import { html } from './dom';

let made = 0;

/** An id for a label or a description; unique in the page as long as one bundle makes it. */
function newId(): string {
  made += 1;
  return `mc-${Math.random().toString(36).slice(2, 8)}-${made}`;
}

export function action(label: string, tip: string, press: () => void): HTMLButtonElement {
  const element = html('button', { type: 'button', class: 'mc-action', title: tip }, label);
  element.addEventListener('click', press);
  return element;
}

/** A row of controls that wraps. */
export function row(...controls: Node[]): HTMLElement {
  return html('div', { class: 'mc-row' }, ...controls);
}

interface Labelled {
  readonly label: string;
  readonly tip: string;
}

export interface SliderOptions extends Labelled {
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly value: number;
  /** How the number is written beside the slider. */
  readonly write?: (value: number) => string;
}

export class Slider {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  private readonly shown = html('output', { class: 'mc-value' });
  private readonly write: (value: number) => string;

  constructor(options: SliderOptions, change: (value: number) => void) {
    const { min, max, step = 1, value } = options;
    this.write = options.write ?? String;
    this.input = html('input', { type: 'range', min, max, step, title: options.tip });
    this.element = html('label', { class: 'mc-control', title: options.tip },
      html('span', { class: 'mc-label' }, options.label), this.input, this.shown);
    this.value = value;
    this.input.addEventListener('input', () => {
      this.value = this.input.valueAsNumber;
      change(this.value);
    });
  }

  get value(): number {
    return this.input.valueAsNumber;
  }

  set value(value: number) {
    this.input.value = String(value);
    const text = this.write(this.input.valueAsNumber);
    this.shown.textContent = text;
    this.input.setAttribute('aria-valuetext', text);
  }

  limit(min: number, max: number): void {
    this.input.min = String(min);
    this.input.max = String(max);
    this.value = this.input.valueAsNumber;
  }
}

export interface ChoiceOptions extends Labelled {
  /** What is stored, and what one reads. */
  readonly options: readonly (readonly [string, string])[];
  readonly value: string;
}

export class Choice {
  readonly element: HTMLElement;
  readonly input = html('select', {});

  constructor(options: ChoiceOptions, change: (value: string) => void) {
    this.input.title = options.tip;
    this.element = html('label', { class: 'mc-control', title: options.tip },
      html('span', { class: 'mc-label' }, options.label), this.input);
    this.offer(options.options, options.value);
    this.input.addEventListener('change', () => change(this.input.value));
  }

  get value(): string {
    return this.input.value;
  }

  set value(value: string) {
    this.input.value = value;
  }

  offer(options: ChoiceOptions['options'], value: string): void {
    this.input.replaceChildren(
      ...options.map(([stored, read]) => html('option', { value: stored }, read)));
    this.input.value = value;
  }
}

export class Toggle {
  readonly element: HTMLElement;
  readonly input = html('input', { type: 'checkbox' });

  constructor(options: Labelled & { readonly value: boolean }, change: (on: boolean) => void) {
    this.input.checked = options.value;
    this.element = html('label', { class: 'mc-control', title: options.tip },
      this.input, html('span', { class: 'mc-label' }, options.label));
    this.input.addEventListener('change', () => change(this.input.checked));
  }
}

export interface NumberOptions extends Labelled {
  readonly min: number;
  readonly max: number;
  readonly value: number;
  readonly whole?: boolean;
}

/** A number that is typed in. What is no number in the range is told below it, not passed on. */
export class NumberField {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  private readonly trouble: HTMLElement;

  constructor(options: NumberOptions, change: (value: number) => void) {
    const id = newId();
    this.trouble = html('span', { id, class: 'mc-wrong', role: 'alert' });
    this.input = html('input', {
      type: 'text', inputmode: 'decimal', class: 'mc-number', value: options.value,
      title: options.tip, 'aria-describedby': id, autocomplete: 'off', spellcheck: 'false'
    });
    this.element = html('label', { class: 'mc-control', title: options.tip },
      html('span', { class: 'mc-label' }, options.label), this.input, this.trouble);
    this.input.addEventListener('change', () => {
      const wrong = complaint(this.input.value, options);
      this.wrong(wrong);
      if (wrong === '') change(Number(this.input.value));
    });
  }

  set value(value: number) {
    this.input.value = String(value);
    this.wrong('');
  }

  wrong(text: string): void {
    this.trouble.textContent = text;
    this.input.setAttribute('aria-invalid', String(text !== ''));
  }
}

/** What is wrong with a text that should be a number; '' if nothing is. */
export function complaint(text: string, options: NumberOptions): string {
  const { min, max, whole = false, label } = options;
  const value = Number(text);
  const kind = whole ? 'a whole number' : 'a number';
  if (text.trim() === '' || !Number.isFinite(value) || (whole && !Number.isInteger(value))) {
    return `${label} should be ${kind}, such as ${options.value}; this is "${text}".`;
  }
  if (value < min || value > max) return `${label} should be from ${min} to ${max}.`;
  return '';
}

export interface Tab {
  readonly label: string;
  readonly content: HTMLElement;
}

/** Pages of which one is shown; arrow keys go from tab to tab. */
export class Tabs {
  readonly element: HTMLElement;
  private readonly buttons: HTMLButtonElement[];

  constructor(label: string, private readonly tabs: readonly Tab[],
              private readonly shown: (index: number) => void = () => undefined) {
    this.buttons = tabs.map((tab, index) => {
      const id = newId();
      const element = html('button', { type: 'button', role: 'tab', class: 'mc-tab', id },
        tab.label);
      tab.content.setAttribute('role', 'tabpanel');
      tab.content.setAttribute('aria-labelledby', id);
      element.addEventListener('click', () => this.show(index));
      element.addEventListener('keydown', event => this.walk(event, index));
      return element;
    });
    this.element = html('div', { class: 'mc-tabs' },
      html('div', { role: 'tablist', class: 'mc-tablist', 'aria-label': label }, ...this.buttons),
      ...tabs.map(tab => tab.content));
    this.show(0);
  }

  show(wanted: number): void {
    this.tabs.forEach((tab, index) => {
      tab.content.hidden = index !== wanted;
      this.buttons[index]?.setAttribute('aria-selected', String(index === wanted));
      this.buttons[index]?.setAttribute('tabindex', index === wanted ? '0' : '-1');
    });
    this.shown(wanted);
  }

  /** Give a page another name, or null to take it away. */
  offer(index: number, label: string | null): void {
    const button = this.buttons[index];
    if (button === undefined) return;
    button.hidden = label === null;
    if (label !== null) button.textContent = label;
    else if (button.getAttribute('aria-selected') === 'true') this.show(0);
  }

  private walk(event: KeyboardEvent, from: number): void {
    const open = this.buttons.flatMap((button, index) => (button.hidden ? [] : [index]));
    const place = open.indexOf(from);
    const ways: Record<string, number | undefined> = {
      ArrowRight: open[(place + 1) % open.length], ArrowLeft: open.at(place - 1), Home: open[0],
      End: open.at(-1)
    };
    const to = ways[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.show(to);
    this.buttons[to]?.focus();
  }
}
