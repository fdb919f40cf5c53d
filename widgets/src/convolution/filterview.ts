/** Filters on a picture: all is computed here, so that the picture follows the hand. */
import { html, row, Slider, type Frame, type Message } from '../kit';
import { convolve, mapOf, type Maps, type Windows } from './convolve';
import { Easel } from './easel';
import { Gallery } from './gallery';
import { ConvolutionStage, misfit } from './stage';
import type { State } from './told';

/** Milliseconds without a change before Python hears of it. */
const PATIENCE = 250;

interface Filter {
  readonly name: string;
  readonly sizes: ReadonlyMap<number, Float32Array>;
}

export class FilterView {
  private readonly easel: Easel;
  private readonly stage: ConvolutionStage;
  private readonly gallery: Gallery;
  private readonly filters: readonly Filter[];
  private readonly sliders: Readonly<Record<'stride' | 'pad' | 'dilate' | 'size', Slider>>;
  private readonly channel: Slider;
  private chosen: number;
  private news: Record<string, unknown> = {};
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly frame: Frame, state: State,
              private readonly send: (message: Message) => void) {
    const { now, limits } = state;
    this.filters = (state.filters ?? []).map(({ name, sizes }) => ({
      name, sizes: new Map(Object.values(sizes).map(
        ({ shape, data }) => [shape[1] ?? 0, data]))
    }));
    this.chosen = Math.max(0, this.filters.findIndex(each => each.name === now.filter));
    this.easel = new Easel(state.pictures, now.index, now.image, index => this.drawn(index));
    this.stage = new ConvolutionStage((row, column) => this.easel.paint(row, column));
    this.gallery = new Gallery('Filters', 'Show this filter', index => {
      this.chosen = index;
      this.limitSize();
      this.changed({ filter: this.filters[index]?.name, size: this.sliders.size.value });
    });
    const pixels = (value: number): string => `${value} ${value === 1 ? 'pixel' : 'pixels'}`;
    const slider = (name: 'stride' | 'pad' | 'dilate', label: string, tip: string): Slider =>
      new Slider({ label, tip, min: limits[name][0], max: limits[name][1], value: now[name],
        write: pixels }, value => this.changed({ [name]: value }));
    this.sliders = {
      size: new Slider({
        label: 'Filter size', tip: 'Height and width of the filter', min: 1, max: 7,
        value: now.size ?? 3, write: value => `${value} \u00d7 ${value}`
      }, value => this.changed({ size: value })),
      stride: slider('stride', 'Stride', 'How far the window moves at a time'),
      pad: slider('pad', 'Padding', 'So many rows and columns of zeros around the picture'),
      dilate: slider('dilate', 'Dilation', 'Distance between the pixels that the filter looks at')
    };
    this.limitSize();
    this.channel = new Slider({
      label: 'Channel', tip: 'Which channel of the picture is shown', min: 1,
      max: this.easel.image.channels, value: 1
    }, () => this.draw());
    this.channel.element.hidden = this.easel.image.channels === 1;
    frame.body.replaceChildren(this.easel.element,
      row(...Object.values(this.sliders).map(each => each.element), this.channel.element),
      this.stage.element, html('div', { class: 'mc-label' }, 'Filters, and what each one finds'),
      this.gallery.element);
    this.draw();
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private limitSize(): void {
    const sizes = [...(this.filters[this.chosen]?.sizes.keys() ?? [])];
    this.sliders.size.limit(Math.min(...sizes), Math.max(...sizes));
    this.sliders.size.element.hidden = sizes.length < 2;
  }

  private drawn(index: number | null): void {
    this.changed(index === null ? { image: Array.from(this.easel.image.data) } : { index });
  }

  private changed(news: Record<string, unknown>): void {
    this.news = { ...this.news, ...news };
    if ('index' in news) delete this.news['image'];
    if (!this.draw()) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.send({ t: 'set', ...this.news });
      this.news = {};
    }, PATIENCE);
  }

  private windows(size: number): Windows {
    const { stride, pad, dilate } = this.sliders;
    const pair = (slider: Slider): [number, number] => [slider.value, slider.value];
    return { kernel: [size, size], stride: pair(stride), pad: pair(pad), dilate: pair(dilate) };
  }

  /** Whether the windows fit, and so were drawn. */
  private draw(): boolean {
    const { image: x, limits } = this.easel;
    const filter = this.filters[this.chosen];
    const size = this.sliders.size.value;
    const weights = filter?.sizes.get(size);
    if (filter === undefined || weights === undefined) return false;
    const windows = this.windows(size);
    const wrong = misfit(x, windows);
    this.frame.problem(wrong);
    if (wrong !== '') return false;
    const channel = this.channel.value - 1;
    this.stage.show({
      x, channel, limits, map: 0, y: convolve(x, weights, 0, windows),
      titles: ['Picture: draw on it', `Filter: ${filter.name}`, 'Output'],
      filter: { weights, bias: 0, windows }
    });
    this.gallery.show(this.filters.map(each => {
      const own = each.sizes.has(size) ? size : [...each.sizes.keys()][0] ?? size;
      const map = this.fitting(x, each.sizes.get(own), own);
      return { name: each.name, values: mapOf(map, 0), height: map.height, width: map.width };
    }), this.chosen, 'sign');
    return true;
  }

  private fitting(x: Maps, weights: Float32Array | undefined, size: number): Maps {
    const windows = this.windows(size);
    const fits = weights !== undefined && misfit(x, windows) === '';
    return fits ? convolve(x, weights, 0, windows)
      : { channels: 1, height: 0, width: 0, data: new Float32Array() };
  }
}
