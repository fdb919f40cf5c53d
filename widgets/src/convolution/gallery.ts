/** Small maps side by side, of which one is chosen. */
import { HeatMap, html, type ColourMap, type Limits } from '../kit';

const SIZE = 52;

export interface Picture {
  readonly name: string;
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
}

export class Gallery {
  readonly element: HTMLElement;
  private tiles: { button: HTMLButtonElement; heat: HeatMap; words: HTMLElement }[] = [];
  private key = '';

  constructor(label: string, private readonly tip: string,
              private readonly choose: (index: number) => void) {
    this.element = html('div', { class: 'mc-gallery', role: 'group', 'aria-label': label });
  }

  /** Draw the maps; buttons are made anew only if their number or size has changed. */
  show(pictures: readonly Picture[], chosen: number, map: ColourMap, limits?: Limits): void {
    const key = pictures.map(each => `${each.name} ${each.height} ${each.width}`).join();
    if (key !== this.key) {
      this.key = key;
      this.tiles = pictures.map((each, index) => this.make(each, index, map));
      this.element.replaceChildren(...this.tiles.map(tile => tile.button));
    }
    pictures.forEach(({ values, height, width }, index) => {
      const tile = this.tiles[index];
      tile?.heat.show(values, height, width, limits);
      tile?.button.setAttribute('aria-pressed', String(index === chosen));
    });
  }

  private make(picture: Picture, index: number, map: ColourMap): typeof this.tiles[number] {
    const cell = SIZE / Math.max(picture.height, picture.width, 1);
    const heat = new HeatMap({ label: picture.name, map, cell });
    const words = html('span', {}, picture.name);
    const button = html('button', { type: 'button', class: 'mc-tile', title: this.tip },
      heat.element, words);
    button.addEventListener('click', () => this.choose(index));
    return { button, heat, words };
  }
}
