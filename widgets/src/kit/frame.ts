/** The frame of a widget: title, a line that says what to try, what it does, what went wrong. */
import { button, html } from './dom';

export interface FrameOptions {
  /** Gives the class mc-NAME, for the widget's own style sheet. */
  readonly name: string;
  readonly title: string;
  /** What one sees here, and what to try first. */
  readonly hint: string;
}

export class Frame {
  readonly element: HTMLElement;
  readonly body = html('div', { class: 'mc-body' });
  private readonly words = html('p', { class: 'mc-says', role: 'status' });
  private readonly trouble = html('span', {});
  private readonly alarm: HTMLElement;

  constructor(host: HTMLElement, options: FrameOptions) {
    const close = button('mc-close', 'Put this message away', '\u2715', () => this.problem(''));
    close.setAttribute('aria-label', 'Put this message away');
    this.alarm = html('div', { class: 'mc-problem', role: 'alert', hidden: '' },
      this.trouble, close);
    this.element = html('section',
      { class: `mc-kit mc-${options.name}`, 'aria-label': options.title },
      html('h3', { class: 'mc-title' }, options.title),
      html('p', { class: 'mc-hint' }, options.hint),
      this.alarm, this.body, this.words);
    this.element.addEventListener('keydown', keepFromNotebook);
    host.append(this.element);
  }

  /** One sentence about what happens or has happened. */
  say(text: string): void {
    if (this.words.textContent !== text) this.words.textContent = text;
  }

  /** What went wrong and what to do; '' takes the message away. */
  problem(text: string): void {
    this.trouble.textContent = text;
    this.alarm.hidden = text === '';
  }

  dispose(): void {
    this.element.remove();
  }
}

/**
 * A notebook in command mode takes letters and arrows as commands: `d d` would delete the cell.
 * What is typed into a control is the control's.
 */
function keepFromNotebook(event: KeyboardEvent): void {
  const withModifier = event.ctrlKey || event.metaKey || event.altKey;
  if (!withModifier && !(event.shiftKey && event.key === 'Enter')) event.stopPropagation();
}
