import type { TranslationBundle } from '@jupyterlab/translation';

import type { Names } from './control';
import type { Choice } from './source';

const LIVE = 'live';
const LOSS = 'loss';
const NAME = 'name:';

/** Chooses what the panel shows: what runs, the last loss, or one of the user's results. */
export class Picker {
  readonly element = document.createElement('select');

  constructor(
    private readonly trans: TranslationBundle,
    events: { choose(choice: Choice): void; ask(): void }
  ) {
    this.element.className = 'mc-LivePanel-picker';
    const tip = trans.__('What the panel shows');
    this.element.title = tip;
    this.element.setAttribute('aria-label', tip);
    // The names are asked for when somebody is about to choose.
    this.element.addEventListener('pointerenter', () => events.ask());
    this.element.addEventListener('focus', () => events.ask());
    this.element.addEventListener('change', () => {
      const { value } = this.element;
      if (value === LIVE || value === LOSS) {
        events.choose(value);
      } else {
        events.choose({ name: value.slice(NAME.length) });
      }
    });
    this.offer(null, null);
  }

  /** Offer these results; `picked` is the name of the one that is shown. */
  offer(names: Names | null, picked: string | null): void {
    const { trans } = this;
    const options = [
      option(LIVE, trans.__('What runs')),
      option(LOSS, trans.__('The last loss')),
      ...(names?.names ?? []).map(({ name, shape }) =>
        option(NAME + name, `${name} (${shape.join(', ')})`)
      )
    ];
    const shown = picked === null ? LIVE : NAME + picked;
    if (!options.some(each => each.value === shown)) {
      options.push(option(shown, picked ?? ''));
    }
    const words = options.map(each => each.text).join('\n');
    if (words !== this.words) {
      this.words = words;
      this.element.replaceChildren(...options);
    }
    this.element.value = shown;
  }

  private words = '';
}

function option(value: string, text: string): HTMLOptionElement {
  const element = document.createElement('option');
  element.value = value;
  element.textContent = text;
  return element;
}
