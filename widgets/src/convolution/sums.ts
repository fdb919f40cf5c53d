/** The arithmetic of one output: window × filter, number by number, and their sum. */
import { colourOf, html, inkOn, number, type ColourMap, type Limits } from '../kit';
import type { Tap } from './convolve';

/** A table of numbers on their colours. */
function table(title: string, values: readonly number[], columns: number, map: ColourMap,
               limits: Limits): HTMLElement {
  const cells = values.map(value => {
    const colour = colourOf(value, map, limits);
    const words = number(value).replace('-', '\u2212').replace(/^(\u2212?)0\./, '$1.');
    const cell = html('span', {}, words);
    cell.style.background = `rgb(${colour.join(' ')})`;
    cell.style.color = inkOn(colour);
    return cell;
  });
  const grid = html('div', { class: 'mc-table' }, ...cells);
  grid.style.gridTemplateColumns = `repeat(${columns}, minmax(30px, max-content))`;
  return html('figure', { class: 'mc-matrix' }, html('figcaption', {}, title), grid);
}

export interface Sum {
  readonly taps: readonly Tap[];
  readonly columns: number;
  /** Limits of the picture's colours, and of the filter's. */
  readonly limits: readonly [Limits, Limits];
  /** The sum over all channels, without the bias; and how many channels there are. */
  readonly total: number;
  readonly channels: number;
  readonly channel: number;
  readonly bias: number;
  readonly place: string;
}

function signed(value: number): string {
  return value < 0 ? `\u2212 ${number(-value)}` : `+ ${number(value)}`;
}

/** '1 + 2 − 3 = 0' and what is added to it, in words. */
export function sentence(sum: Sum): string {
  const here = sum.taps.reduce((so, tap) => so + tap.value * tap.weight, 0);
  const value = sum.total + sum.bias;
  const minus = (x: number): string => number(x).replace('-', '\u2212');
  let text = `${sum.place}: the products add up to ${minus(here)}`;
  if (sum.channels > 1) {
    text += ` in channel ${sum.channel + 1}, to ${minus(sum.total)} in all ${sum.channels}`;
  }
  return sum.bias === 0 ? `${text}.` : `${text}; ${signed(sum.bias)} (bias) = ${minus(value)}.`;
}

export function drawSum(target: HTMLElement, sum: Sum): void {
  const { taps, columns, limits: [picture, filter] } = sum;
  const products = taps.map(tap => tap.value * tap.weight);
  const most = Math.max(1e-12, ...products.map(Math.abs));
  const sign = (text: string): HTMLElement => html('span', { class: 'mc-sign' }, text);
  target.replaceChildren(
    html('div', { class: 'mc-sum' },
      table('window', taps.map(tap => tap.value), columns, picture[0] < 0 ? 'sign' : 'ink',
        picture),
      sign('\u00d7'),
      table('filter', taps.map(tap => tap.weight), columns, 'sign', filter),
      sign('='),
      table('products', products, columns, 'sign', [-most, most])),
    html('p', {}, sentence(sum)));
}
