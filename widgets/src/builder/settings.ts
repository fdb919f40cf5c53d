/** The settings of a block, changed in place: what is typed is sent while one types. */
import { complaint, html } from '../kit';
import type { Setting } from './state';

type Value = number | string | boolean;

/** Milliseconds without a key before a number is sent. */
const PATIENCE = 120;

/** One setting with its label. What is wrong with it is told below the block. */
export class Field {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement | HTMLSelectElement;
  private timer = 0;

  constructor(
    private readonly setting: Setting,
    owner: string,
    private readonly change: (value: Value) => void,
    private readonly wrong: (text: string) => void
  ) {
    const words = setting.name.replaceAll('_', ' ');
    this.input = this.make();
    this.input.setAttribute('aria-label', `${owner}, ${words}`);
    const tip = setting.type === 'whole' || setting.type === 'real'
      ? `${setting.help}, from ${setting.low} to ${setting.high}` : setting.help;
    this.input.title = tip;
    const label = html('span', { 'aria-hidden': 'true' }, words);
    this.element = html('label', { class: 'mc-setting', title: tip },
      ...(setting.type === 'switch' ? [this.input, label] : [label, this.input]));
  }

  /** What Python holds; what is being typed stays as it is. */
  show(value: Value): void {
    const { input } = this;
    if (input instanceof HTMLInputElement && input.type === 'checkbox') {
      input.checked = value === true;
      return;
    }
    if (typeof value === 'number') input.setAttribute('aria-valuenow', String(value));
    if (input === document.activeElement && Number(input.value) === value) return;
    if (input === document.activeElement && input.getAttribute('aria-invalid') === 'true') return;
    input.value = String(value);
    input.removeAttribute('aria-invalid');
  }

  focus(): void {
    this.input.focus();
  }

  refuse(): void {
    this.input.setAttribute('aria-invalid', 'true');
  }

  private make(): HTMLInputElement | HTMLSelectElement {
    const { setting } = this;
    if (setting.type === 'choice') {
      const select = html('select', {},
        ...setting.options.map(option => html('option', { value: option }, option)));
      select.addEventListener('change', () => this.change(select.value));
      return select;
    }
    if (setting.type === 'switch') {
      const box = html('input', { type: 'checkbox' });
      box.addEventListener('change', () => this.change(box.checked));
      return box;
    }
    const input = html('input', {
      type: 'text', inputmode: 'decimal', size: 4, autocomplete: 'off', spellcheck: 'false',
      role: 'spinbutton', 'aria-valuemin': setting.low, 'aria-valuemax': setting.high
    });
    input.addEventListener('input', () => this.typed(input));
    input.addEventListener('keydown', event => {
      const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (by === undefined || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      const step = setting.type === 'whole' ? 1 : 0.05;
      const next = Math.round((Number(input.value) + by * step) * 100) / 100;
      input.value = String(Math.min(setting.high, Math.max(setting.low, next)));
      this.typed(input);
    });
    return input;
  }

  private typed(input: HTMLInputElement): void {
    const { setting } = this;
    if (setting.type !== 'whole' && setting.type !== 'real') return;
    const label = setting.name.replaceAll('_', ' ');
    const wrong = complaint(input.value, {
      label, tip: '', min: setting.low, max: setting.high, value: setting.low,
      whole: setting.type === 'whole'
    });
    this.wrong(wrong);
    clearTimeout(this.timer);
    if (wrong !== '') {
      this.refuse();
      return;
    }
    input.removeAttribute('aria-invalid');
    const value = Number(input.value);
    this.timer = setTimeout(() => this.change(value), PATIENCE) as unknown as number;
  }
}
