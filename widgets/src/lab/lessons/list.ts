/** The lessons panel as the page shows it; all texts go in as text nodes. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { button, html } from '../../kit/dom';
import { goOnWith, type Lesson, type Progress, standing } from './course';

export interface ListState {
  lessons: readonly Lesson[];
  progress: Progress;
  copied: ReadonlySet<string>;
  /** The lesson that was open last. */
  last: string | null;
  teacher: boolean;
}

export interface ListEvents {
  open(id: string): void;
  startOver(id: string): void;
  solution(id: string): void;
  runChecks(id: string): void;
  glossary(): void;
  teaching(): void;
  exportClass(): void;
  lookAgain(): void;
  settings(): void;
}

export class LessonList {
  constructor(
    private readonly host: HTMLElement,
    private readonly events: ListEvents,
    private readonly trans: TranslationBundle
  ) {
    host.classList.add('mc-Lessons');
  }

  /** No lessons were found: say where they are, and what to do. */
  showEmpty(setting: string): void {
    const { trans, events } = this;
    const where =
      setting === ''
        ? trans.__('No lessons came with this installation of minichain, and none are here.')
        : trans.__('There are no lessons in the folder "%1", which the settings name.', setting);
    const how = trans.__(
      'Leave the setting empty for the lessons that came with minichain. Those of a class lie in ' +
        'the folder that has a file lessons.json.'
    );
    this.host.replaceChildren(
      this.header(),
      html('p', {}, where),
      html('p', {}, how),
      html(
        'div',
        { class: 'mc-Lessons-actions' },
        small(trans.__('Look Again'), trans.__('Look for the lessons again'), events.lookAgain),
        small(trans.__('Settings'), trans.__('Name the folder in the settings'), events.settings)
      )
    );
  }

  show(state: ListState): void {
    const { trans } = this;
    const ready = state.lessons.filter(lesson => lesson.ready);
    const later = state.lessons.filter(lesson => !lesson.ready);
    const list = html('ol', { class: 'mc-Lessons-list' });
    list.append(...ready.map(lesson => this.card(lesson, state)));
    const parts: Node[] = [this.header(), this.goOn(state), list];
    if (later.length > 0) {
      const titles = later.map(lesson => html('li', {}, titleOf(lesson)));
      const summary = html('summary', {}, trans.__('In preparation (%1)', later.length));
      const names = html('ul', {}, ...titles);
      parts.push(html('details', { class: 'mc-Lessons-later' }, summary, names));
    }
    const tip = trans.__('Open the words of the lessons, each with what it means');
    parts.push(
      html('p', { class: 'mc-Lessons-actions' },
        small(trans.__('Glossary'), tip, () => this.events.glossary()))
    );
    if (state.teacher) {
      parts.push(this.teachersCorner());
    }
    const { scrollTop } = this.host;
    this.host.replaceChildren(...parts);
    this.host.scrollTop = scrollTop;
  }

  private header(): HTMLElement {
    const { trans } = this;
    const hint = trans.__('Each lesson opens as a copy of your own. Run its cells from the top.');
    return html(
      'header',
      { class: 'mc-Lessons-header' },
      html('h2', {}, trans.__('Lessons')),
      html('p', {}, hint)
    );
  }

  private goOn(state: ListState): HTMLElement {
    const { trans } = this;
    const next = goOnWith(state.lessons, state.progress, state.last);
    if (next === null) {
      return html('p', { class: 'mc-Lessons-goOn' }, trans.__('You have solved every exercise.'));
    }
    const words = isBegun(next, state) ? trans.__('Continue where you left') : trans.__('Next');
    const tip = trans.__('Open "%1"', next.title);
    const link = button('mc-Lessons-primary', tip, titleOf(next), () => this.events.open(next.id));
    return html('div', { class: 'mc-Lessons-goOn' }, html('span', {}, words), link);
  }

  private card(lesson: Lesson, state: ListState): HTMLElement {
    const { trans } = this;
    const { solved, exercises, quiz, done } = standing(lesson, state.progress);
    const name = button(
      'mc-Lessons-title',
      trans.__('Open your copy of this lesson'),
      titleOf(lesson),
      () => this.events.open(lesson.id)
    );
    const facts = [trans.__('%1 min', lesson.minutes)];
    if (lesson.needs.length > 0) {
      const numbers = lesson.needs.map(id => id.slice(0, 2)).join(', ');
      facts.push(trans.__('builds on %1', numbers));
    }
    const card = html(
      'li',
      { class: 'mc-Lessons-card' },
      html('div', { class: 'mc-Lessons-line' }, name, ...(done ? [this.doneSign()] : [])),
      html('p', { class: 'mc-Lessons-question' }, lesson.question),
      html('p', { class: 'mc-Lessons-facts' }, facts.join(' \u00b7 '))
    );
    card.dataset['lesson'] = lesson.id;
    if (exercises > 0) {
      card.append(this.bar(solved, exercises, quiz));
    }
    card.append(this.actions(lesson, state));
    return card;
  }

  private doneSign(): HTMLElement {
    const label = this.trans.__('All exercises are solved');
    return html('span', { class: 'mc-Lessons-done', title: label, 'aria-label': label }, '\u2713');
  }

  private bar(solved: number, exercises: number, quiz: number): HTMLElement {
    const { trans } = this;
    const words = [trans.__('%1 of %2 exercises', solved, exercises)];
    if (quiz > 0) {
      words.push(trans._n('%1 quiz question', '%1 quiz questions', quiz, quiz));
    }
    const text = words.join(', ');
    const filled = html('span', {});
    filled.style.width = `${(100 * solved) / exercises}%`;
    const track = html('span', { class: 'mc-Lessons-track', 'aria-hidden': 'true' }, filled);
    return html('p', { class: 'mc-Lessons-progress' }, track, text);
  }

  private actions(lesson: Lesson, state: ListState): HTMLElement {
    const { trans, events } = this;
    const row = html('div', { class: 'mc-Lessons-actions' });
    const add = (words: string, tip: string, act: () => void): void => {
      row.append(small(words, tip, act));
    };
    if (isBegun(lesson, state)) {
      add(trans.__('Start Over'), trans.__('Begin anew; your work is kept as a backup'), () =>
        events.startOver(lesson.id)
      );
    }
    if (state.teacher) {
      add(trans.__('Solution'), trans.__('Open the notebook with the solutions'), () =>
        events.solution(lesson.id)
      );
      add(trans.__('Run Checks'), trans.__('Open the solutions and run all of their checks'), () =>
        events.runChecks(lesson.id)
      );
    }
    return row;
  }

  private teachersCorner(): HTMLElement {
    const { trans } = this;
    const words = trans.__('Collect the progress files of your class in one folder.');
    const notes = trans.__('Open the plans for a day and for four weeks, and how to check work');
    const tip = trans.__('Write a table with the progress of every student');
    return html(
      'section',
      { class: 'mc-Lessons-teacher' },
      html('h3', {}, trans.__('For the teacher')),
      html(
        'div',
        { class: 'mc-Lessons-actions' },
        small(trans.__('Teaching Notes'), notes, () => this.events.teaching())
      ),
      html('p', {}, words),
      small(trans.__('Export Progress\u2026'), tip, () => this.events.exportClass())
    );
  }
}

function small(words: string, tip: string, act: () => void): HTMLElement {
  return button('mc-Lessons-button', tip, words, act);
}

/** Whether the student has been at work in it: a copy alone may be there for a link to it. */
function isBegun(lesson: Lesson, state: ListState): boolean {
  const tried = lesson.id === state.last || standing(lesson, state.progress).begun;
  return tried && state.copied.has(lesson.id);
}

export function titleOf(lesson: Lesson): string {
  return `${lesson.id.slice(0, 2)} ${lesson.title}`;
}
