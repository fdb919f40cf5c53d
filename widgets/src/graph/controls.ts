/** The row of buttons above the scene, and the search field. */
import { button, html, svg } from '../kit/dom';
import type { Translate } from './words';

export interface ControlEvents {
  fit(): void;
  zoom(factor: number): void;
  foldAll(): void;
  unfoldAll(): void;
  follow(on: boolean): void;
  pause(on: boolean): void;
  /** `move` 1 or -1: the next or last match; 0: the words have changed */
  search(words: string, move: number): void;
  legend(on: boolean): void;
}

const ICONS = {
  fit: 'M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4',
  closer: 'M8 3v10M3 8h10',
  farther: 'M3 8h10',
  fold: 'M3 3h10M3 13h10M8 4.5v2.5M6 5.5l2 2 2-2M8 11.5V9M6 10.5l2-2 2 2',
  unfold: 'M3 8h10M8 6V2M6 3.5l2-2 2 2M8 10v4M6 12.5l2 2 2-2',
  follow: 'M8 2v9M4.5 7.5L8 11l3.5-3.5M3 14h10',
  pause: 'M5.5 3v10M10.5 3v10',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9M10.5 10.5L14 14',
  legend: 'M6 6a2 2 0 1 1 2.8 1.8C8.200 8.200 8 8.5 8 9.5M8 12v.5'
} as const;

function icon(path: string): SVGSVGElement {
  return svg(
    'svg',
    { class: 'mc-icon', viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' },
    svg('path', { d: path })
  );
}

export class Controls {
  readonly element: HTMLElement;
  readonly searchRow: HTMLElement;
  private readonly followButton: HTMLButtonElement;
  private readonly find: HTMLButtonElement;
  private readonly field: HTMLInputElement;
  private readonly found = html('output', { class: 'mc-found' });

  constructor(
    private readonly events: ControlEvents,
    tr: Translate
  ) {
    const press = (name: keyof typeof ICONS, tip: string, act: () => void): HTMLButtonElement =>
      button('mc-button', tr(tip), icon(ICONS[name]), act);
    const toggle = (
      name: keyof typeof ICONS,
      tip: string,
      on: boolean,
      act: (on: boolean) => void
    ): HTMLButtonElement => {
      const it = press(name, tip, () => {
        const now = it.getAttribute('aria-pressed') !== 'true';
        it.setAttribute('aria-pressed', String(now));
        act(now);
      });
      it.setAttribute('aria-pressed', String(on));
      return it;
    };
    this.followButton = toggle('follow', 'Follow the growth', true, on => events.follow(on));
    this.find = toggle('search', 'Search (press /)', false, on => this.openSearch(on));
    this.element = html(
      'div',
      { class: 'mc-controls', role: 'toolbar', 'aria-label': tr('Graph') },
      press('fit', 'Fit: show the whole graph (press 0)', () => events.fit()),
      press('closer', 'Zoom in (press +)', () => events.zoom(1.25)),
      press('farther', 'Zoom out (press \u2212)', () => events.zoom(0.8)),
      press('fold', 'Fold all: one box a link', () => events.foldAll()),
      press('unfold', 'Unfold all: every operation', () => events.unfoldAll()),
      this.followButton,
      toggle('pause', 'Pause: keep this picture while the code runs on', false, on =>
        events.pause(on)
      ),
      this.find,
      toggle('legend', 'What the shapes and colours mean', false, on => events.legend(on))
    );
    const label = tr('Search names, operations, links and code');
    this.field = html('input', { type: 'search', placeholder: label, 'aria-label': label });
    this.field.addEventListener('input', () => events.search(this.field.value, 0));
    this.field.addEventListener('keydown', event => {
      if (event.key === 'Enter') events.search(this.field.value, event.shiftKey ? -1 : 1);
      if (event.key === 'Escape') this.find.click();
      event.stopPropagation();
    });
    this.searchRow = html('div', { class: 'mc-search', hidden: '' }, this.field, this.found);
  }

  focusSearch(): void {
    if (this.searchRow.hidden) this.find.click();
    this.field.focus();
  }

  showFound(words: string): void {
    this.found.textContent = words;
  }

  setFollow(on: boolean): void {
    this.followButton.setAttribute('aria-pressed', String(on));
  }

  private openSearch(on: boolean): void {
    this.searchRow.hidden = !on;
    if (on) this.field.focus();
    else {
      this.field.value = '';
      this.events.search('', 0);
    }
  }
}
