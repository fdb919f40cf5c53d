/** The curves of a training: loss, accuracy, and the norms of gradients and weights. */
import { Chart, html, thin, type Point } from '../kit';
import { CURVES, type Curve, type Curves } from './state';

const MOST = 2_000;
const KEPT = 1_000;

export class Charts {
  readonly element = html('div', { class: 'mc-charts' });
  private readonly points = new Map<Curve, Point[]>();
  private readonly charts: readonly Chart[];
  private readonly places: Readonly<Record<Curve, readonly [Chart, string]>>;
  private readonly accuracy: Chart;

  constructor() {
    const x = 'step';
    const loss = new Chart({ title: 'Loss', x, curves: ['batch', 'test'] });
    this.accuracy =
      new Chart({ title: 'Accuracy', x, curves: ['batch', 'test'], range: [0, 1] });
    const gradient =
      new Chart({ title: 'Length of the gradient', x, curves: ['gradient'], log: true });
    const weights = new Chart({ title: 'Length of the weights', x, curves: ['weights'] });
    this.charts = [loss, this.accuracy, gradient, weights];
    this.places = {
      loss: [loss, 'batch'], test_loss: [loss, 'test'], accuracy: [this.accuracy, 'batch'],
      test_accuracy: [this.accuracy, 'test'], gradient_norm: [gradient, 'gradient'],
      weight_norm: [weights, 'weights']
    };
    this.element.append(...this.charts.map(chart => chart.element));
    this.clear();
  }

  clear(): void {
    for (const name of CURVES) this.points.set(name, []);
    for (const chart of this.charts) chart.clear();
    this.accuracy.element.hidden = true;
  }

  /** Whether there are test examples, and curves of them. */
  tested(on: boolean): void {
    this.places.test_loss[0].offer('test', on);
    this.places.test_accuracy[0].offer('test', on);
  }

  add(curves: Curves): void {
    for (const name of CURVES) {
      const fresh = curves[name];
      if (fresh === undefined || fresh.length === 0) continue;
      const all = this.points.get(name) ?? [];
      for (const [step, value] of fresh) all.push([step, value ?? NaN]);
      const kept = all.length > MOST ? [...thin(all, KEPT)] : all;
      this.points.set(name, kept);
      const [chart, curve] = this.places[name];
      chart.set(curve, kept);
      if (chart === this.accuracy) chart.element.hidden = false;
    }
  }
}
