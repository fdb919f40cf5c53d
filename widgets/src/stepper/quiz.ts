/** The question for the next number, and what the answer was worth. */
import { action, html } from '../kit';
import { given } from './card';
import type { Step, Traits } from './steps';

const SIGNS: Readonly<Record<string, string>> = {
  right: '\u2713', nearly: '\u2248', wrong: '\u2717'
};

export class Quiz {
  readonly element: HTMLElement;
  private readonly asked = html('label', {});
  private readonly known = html('div', {});
  private readonly input = html('input', {
    class: 'mc-number', type: 'text', inputmode: 'decimal', autocomplete: 'off',
    title: 'Type the number, then press Enter'
  });
  private readonly verdict = html('span', { class: 'mc-verdict', role: 'status' });
  private readonly form: HTMLElement;

  constructor(answer: (text: string) => void, reveal: () => void) {
    const id = `mc-answer-${Math.random().toString(36).slice(2, 8)}`;
    this.input.id = id;
    this.asked.setAttribute('for', id);
    const check = action('Check', 'Compare your number with the right one',
      () => answer(this.input.value));
    const show = action('Show it', 'Do the step and see the number', reveal);
    this.form = html('div', {}, this.known,
      html('div', { class: 'mc-row' }, this.asked, this.input, check, show));
    this.element = html('div', { class: 'mc-quiz', hidden: '' }, this.form, this.verdict);
    this.input.addEventListener('keydown', event => {
      if (event.key === 'Enter') answer(this.input.value);
    });
  }

  /** `next` is the step that is asked about; undefined while there is no quiz. */
  show(next: Step | undefined, question: Traits['question'],
       verdict: Traits['verdict']): void {
    this.element.hidden = next === undefined;
    if (next === undefined) return;
    const ask = question.ask ?? '';
    if (this.asked.textContent !== ask) {
      const focused = this.input === this.input.ownerDocument.activeElement;
      this.asked.textContent = ask;
      this.known.replaceChildren(given(next));
      this.input.value = '';
      if (focused) this.input.focus();
    }
    this.form.hidden = ask === '';
    const kind = verdict.verdict ?? '';
    const nothing = ask === '' ? 'Nothing to find out here: do the next step.' : '';
    this.verdict.textContent =
      kind === '' ? nothing : `${SIGNS[kind] ?? ''} ${verdict.text ?? ''}`;
    this.verdict.className = `mc-verdict mc-${kind === '' ? 'none' : kind}`;
  }
}
