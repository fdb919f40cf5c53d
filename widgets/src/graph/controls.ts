/** The row of buttons above the scene, and the search field. */
import { button, html, svg } from '../kit/dom';
import { say, type Translate } from './words';

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
  replay(on: boolean): void;
  /** Compare later runs with the present one, or end that. */
  compare(on: boolean): void;
  table(on: boolean): void;
  save(kind: 'svg' | 'png'): void;
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
  replay: 'M3.5 6.5a5 5 0 1 1 -.5 3M3 3v3.5h3.5M7 6v4l3.500 -2z',
  compare: 'M2 3h5v10H2zM9 3h5v10H9zM10.500 8h2M11.500 7v2',
  table: 'M2 3h12v10H2zM2 6.500h12M6.500 3v10',
  save: 'M3 3h8l2 2v8H3zM5.500 3v3.500h4V3M5.500 13V9.500h5V13',
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
  readonly saveRow: HTMLElement;
  private readonly followButton: HTMLButtonElement;
  private readonly find: HTMLButtonElement;
  private readonly field: HTMLInputElement;
  private readonly switches = new Map<string, HTMLButtonElement>();
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
      this.switches.set(name, it);
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
      toggle('replay', 'Replay: go through the run moment by moment', false, on =>
        events.replay(on)
      ),
      toggle('compare', 'Compare: keep this run, and mark what later ones do differently', false,
        on => events.compare(on)),
      toggle('table', 'Table: the same graph as text', false, on => events.table(on)),
      toggle('save', 'Save the picture as a file', false, on => (this.saveRow.hidden = !on)),
      toggle('legend', 'What the shapes and colours mean', false, on => events.legend(on))
    );
    const file = (kind: 'svg' | 'png', tip: string): HTMLElement => {
      const it = button('mc-ask', tip, kind.toUpperCase(), () => events.save(kind));
      it.setAttribute('aria-label', say(tr, 'Save as {0}', kind.toUpperCase()));
      return it;
    };
    this.saveRow = html('div', { class: 'mc-search', hidden: '' }, tr('Save as'),
      file('svg', tr('Sharp at every size; drawing programs can change it')),
      file('png', tr('Pixels, for documents that take no SVG')));
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

  /** Show a switch as on or off, without doing what it does. */
  turn(name: 'compare' | 'replay', on: boolean): void {
    this.switches.get(name)?.setAttribute('aria-pressed', String(on));
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
