/** The picture: one of those given, or what was drawn. */
import { action, limitsOf, row, Slider, Toggle, type Limits, type Numbers } from '../kit';
import { mapsOf, type Maps } from './convolve';

/** From this size on a stroke is wider than one pixel. */
const WIDE = 20;

export class Easel {
  readonly element: HTMLElement;
  readonly limits: Limits;
  image: Maps;
  private readonly ink: number;
  private readonly paper: number;
  private readonly eraser: Toggle;

  constructor(private readonly pictures: Numbers, index: number, image: Numbers,
              private readonly changed: (index: number | null) => void) {
    this.image = mapsOf(image);
    const [low, high] = limitsOf(pictures.data, 'ink');
    this.ink = high > 0 ? high : 1;
    this.paper = Math.min(0, low) === low && low < 0 ? low : 0;
    this.limits = low < 0 ? limitsOf(pictures.data, 'sign') : [0, this.ink];
    const count = pictures.shape[0] ?? 1;
    const picture = new Slider({
      label: 'Picture', tip: 'Which of the given pictures', min: 1, max: count, value: index + 1
    }, value => this.take(value - 1));
    picture.element.hidden = count < 2;
    this.eraser = new Toggle({
      label: 'Eraser', tip: 'Draw with paper instead of ink', value: false
    }, () => undefined);
    this.element = row(picture.element,
      action('Original', 'Take back what was drawn', () => this.take(picture.value - 1)),
      action('Clear', 'An empty picture, to draw on', () => {
        this.image.data.fill(this.paper);
        this.changed(null);
      }), this.eraser.element);
  }

  /** One touch of the brush. */
  paint(row: number, column: number): void {
    const { height, width } = this.image;
    this.touch(row, column, 1);
    if (Math.max(height, width) >= WIDE) {
      for (const [dr, dc] of [[0, 1], [1, 0], [0, -1], [-1, 0]] as const) {
        this.touch(row + dr, column + dc, 0.6);
      }
    }
    this.changed(null);
  }

  private touch(row: number, column: number, strength: number): void {
    const { channels, height, width, data } = this.image;
    if (row < 0 || row >= height || column < 0 || column >= width) return;
    for (let c = 0; c < channels; c++) {
      const at = (c * height + row) * width + column;
      const old = data[at] ?? 0;
      data[at] = this.eraser.input.checked ? this.paper
        : Math.max(old, this.paper + strength * (this.ink - this.paper));
    }
  }

  private take(index: number): void {
    this.image = mapsOf(this.pictures, index);
    this.changed(index);
  }
}
