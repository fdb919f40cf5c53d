/** A trained network: its scores for the picture, the gradient image, the maps of each layer. */
import { Choice, html, limitsOf, row, Slider, type Frame, type Message } from '../kit';
import { mapOf, mapsOf } from './convolve';
import { Easel } from './easel';
import { Field } from './field';
import { Gallery } from './gallery';
import { ConvolutionStage } from './stage';
import type { LayerTold, State } from './told';

const PATIENCE = 120;
const SIZE = 132;

export class NetView {
  private readonly easel: Easel;
  private readonly picture: Field;
  private readonly gradient: Field;
  private readonly scores = html('div', {
    class: 'mc-scores', role: 'group', 'aria-label': 'Scores of the classes'
  });
  private readonly layer: Choice;
  private readonly channel: Slider;
  private readonly stage = new ConvolutionStage();
  private readonly gallery: Gallery;
  private told: LayerTold | null = null;
  private map = 0;
  private news: Record<string, unknown> = {};
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly frame: Frame, state: State,
              private readonly send: (message: Message) => void) {
    this.easel = new Easel(state.pictures, state.now.index, state.now.image, index => {
      this.drawPicture();
      this.ask(index === null ? { image: Array.from(this.easel.image.data) } : { index });
    });
    const { height, width } = this.easel.image;
    this.picture = new Field({
      title: 'Picture: draw on it', map: this.easel.limits[0] < 0 ? 'sign' : 'ink', height, width,
      size: SIZE, point: () => undefined, paint: (r, c) => this.easel.paint(r, c)
    });
    this.gradient = new Field({ title: 'Gradient', map: 'sign', size: SIZE, height, width });
    this.layer = new Choice({
      label: 'Layer', tip: 'Which operation of the network', options: [], value: ''
    }, layer => {
      this.map = 0;
      this.ask({ layer: Number(layer) });
    });
    this.channel = new Slider({
      label: 'Input channel', tip: 'Which of the maps that went in is shown', min: 1, max: 1,
      value: 1
    }, () => this.drawLayer());
    this.gallery = new Gallery('Maps', 'Show this map', index => {
      this.map = index;
      this.drawLayer();
    });
    frame.body.replaceChildren(this.easel.element,
      html('div', { class: 'mc-fields' }, this.picture.element, this.gradient.element,
        html('figure', { class: 'mc-field' },
          html('figcaption', {}, 'Scores, as probabilities'), this.scores)),
      row(this.layer.element, this.channel.element), this.stage.element,
      html('div', { class: 'mc-label' }, 'All maps of this layer'), this.gallery.element);
    this.drawPicture();
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  show(told: LayerTold): void {
    this.told = told;
    this.frame.problem('');
    this.layer.offer(told.layers.map((name, index) => [String(index), `${index + 1} ${name}`]),
      String(told.layer));
    const { height, width } = this.easel.image;
    this.gradient.show(mapOf(mapsOf(told.gradient), 0), height, width);
    this.gradient.title = `Gradient of score ${told.of}`;
    this.drawScores(told);
    this.drawLayer();
  }

  private drawPicture(): void {
    const { image, limits } = this.easel;
    this.picture.show(mapOf(image, 0), image.height, image.width, limits);
  }

  private drawScores({ scores, of, best }: LayerTold): void {
    const { data } = scores;
    const most = Math.max(...data);
    const powers = [...data].map(score => Math.exp(score - most));
    const total = powers.reduce((so, power) => so + power, 0);
    this.scores.replaceChildren(...powers.map((power, index) => {
      const share = power / total;
      const bar = html('span', { class: 'mc-bar' });
      bar.style.width = `${100 * share}%`;
      const button = html('button', {
        type: 'button', class: 'mc-score', 'aria-pressed': String(index === of),
        title: 'Show the gradient of this class\u2019s score by the picture'
      }, html('span', {}, `${index}`), html('span', { class: 'mc-track' }, bar),
      html('span', {}, `${(100 * share).toFixed(0)} %${index === best ? ' \u2713' : ''}`));
      button.addEventListener('click', () => this.ask({ of: index }));
      return button;
    }));
  }

  private drawLayer(): void {
    const { told } = this;
    if (told === null) return;
    const x = mapsOf(told.x);
    const y = mapsOf(told.y);
    const { kernel } = told;
    this.map = Math.min(this.map, y.channels - 1);
    this.channel.limit(1, x.channels);
    const channel = kernel === null ? Math.min(this.map, x.channels - 1) : this.channel.value - 1;
    this.channel.element.hidden = kernel === null || x.channels === 1;
    const weights = kernel === null ? null : kernel.W;
    const [, depth = 1, rows = 1, columns = 1] = weights?.shape ?? [];
    const size = depth * rows * columns;
    const first = told.layer === 0;
    this.stage.show({
      x, y, channel, map: this.map,
      limits: first ? this.easel.limits : limitsOf(x.data, 'sign'),
      titles: [`Input, channel ${channel + 1} of ${x.channels}`, `Filter ${this.map + 1}`,
        `Output: map ${this.map + 1} of ${told.maps}`],
      filter: kernel === null || weights === null ? null : {
        weights: weights.data.slice(this.map * size, (this.map + 1) * size),
        bias: kernel.b.data[this.map] ?? 0,
        windows: { kernel: [rows, columns], stride: kernel.stride, pad: kernel.pad,
          dilate: kernel.dilate }
      }
    });
    const limits = limitsOf(y.data, 'sign');
    this.gallery.show(Array.from({ length: y.channels }, (_, index) => ({
      name: String(index + 1), values: mapOf(y, index), height: y.height, width: y.width
    })), this.map, 'sign', limits);
    const more = told.maps > y.channels
      ? ` The first ${y.channels} of ${told.maps} are shown.` : '';
    this.frame.say(`The network reads a ${told.best}. Orange pixels of the gradient would raise `
      + `the score of class ${told.of} with more ink, blue ones lower it.${more}`);
  }

  private ask(news: Record<string, unknown>): void {
    this.news = { ...this.news, ...news };
    if ('index' in news) delete this.news['image'];
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.send({ t: 'set', ...this.news });
      this.news = {};
    }, PATIENCE);
  }
}
