/** What the tabs show of a network: predictions, confusion, the spread of weights, and inside. */
import { action, HeatMap, html, number, svg } from '../kit';
import type { Confusion, Grid, Histogram, Inside, Prediction, Predictions, Spread } from './state';

/** Pixels of the height of a grid. */
const TALLEST = 320;
/** Room for a word that stands on its side over a step. */
const WORD = 16;
/** Room for one that lies. */
const LYING = 96;

/** A grid in colours, about so many pixels wide. */
export function heat(grid: Grid, label: string, size: number): HTMLElement {
  const cell = cellOf(grid, size);
  const height = grid.rows === 1 ? 16 : Math.max(4, Math.floor(TALLEST / Math.max(grid.rows, 1)));
  const flat = grid.rows === 1 || height < cell;
  const map = new HeatMap({ label, map: grid.map, cell, ...(flat ? { cellHeight: height } : {}) });
  map.show(grid.values.map(value => value ?? NaN), grid.rows, grid.columns);
  return map.element;
}

function cellOf(grid: Grid, size: number): number {
  return Math.max(1, Math.floor(size / Math.max(grid.columns, 1)));
}

export function predictions(found: Predictions, title: string): HTMLElement {
  const tiles = found.examples.map(tile);
  const none = html('p', {}, 'The model gives a loss only: there is nothing to compare.');
  const { own } = found;
  const asked = own === undefined ? [] : [html('div', { class: 'mc-own' }, tile(own),
    html('p', { class: 'mc-quiet', role: 'status' }, own.note ?? ''))];
  return html('div', {}, ...asked, html('p', { class: 'mc-quiet' }, title),
    tiles.length === 0 ? none : html('div', { class: 'mc-tiles' }, ...tiles));
}

function tile(example: Prediction): HTMLElement {
  const { right, said, target, share } = example;
  const marked = right === undefined ? '' : right ? '\u2713 ' : '\u2717 ';
  const caption = said === undefined ? '' : `${marked}says ${said}`;
  const below = [
    ...(share === undefined ? [] : [`${Math.round(100 * share)} % sure`]),
    ...(target === undefined || target === '' ? [] : [`it is ${target}`]),
    ...(example.hits === undefined ? [] : [example.hits])
  ].flatMap(words => [html('br'), html('span', { class: 'mc-quiet' }, words)]);
  const kind = example.sentence === true ? 'mc-tile mc-sentence'
    : example.grid === undefined ? 'mc-tile mc-plain' : 'mc-tile';
  const element = html('figure', { class: kind },
    ...shown(example),
    html('figcaption', { class: right === false ? 'mc-missed' : '' }, caption,
      ...below));
  if (example.output !== undefined) {
    element.insertBefore(heat(example.output, 'What the model makes of it', 72),
      element.lastChild);
  }
  return element;
}

function shown(example: { number: number; grid?: Grid; words?: string;
  sentence?: boolean }): Node[] {
  if (example.grid !== undefined) return [heat(example.grid, `Example ${example.number}`, 72)];
  const said = example.sentence === true ? `\u201c${example.words}\u201d` : example.words ?? '';
  const kind = example.sentence === true ? 'mc-words mc-said' : 'mc-words';
  return [html('span', { class: kind }, said)];
}

/** Which examples, or positions in them, were counted. */
function whose({ source, what, of }: Confusion): string {
  const examples = `${source === 'data' ? 'training' : source} examples`;
  const which = of === undefined ? examples : `${examples} (the first ones of ${of})`;
  return what === 'examples' ? which : `${what} in ${which}`;
}

/** A table; a click on a cell asks for its examples. */
export function confusion(found: Confusion,
                          pick: (numbers: readonly number[], title: string) => void): HTMLElement {
  const most = Math.max(1, ...found.table.flat());
  const { labels } = found;
  const head = html('tr', {}, html('th', {}, 'is \\ said'),
    ...labels.map(label => html('th', { scope: 'col' }, label)));
  const rows = found.table.map((counts, t) =>
    html('tr', {}, html('th', { scope: 'row' }, labels[t] ?? ''), ...counts.map((count, said) => {
      const cell = html('td', { class: t === said ? 'mc-hit' : 'mc-miss' });
      cell.style.setProperty('--mc-share', `${Math.round(100 * Math.sqrt(count / most))}%`);
      if (count === 0) return cell;
      const words = `${labels[t]} taken for ${labels[said]}`;
      const button = action(String(count), `${count} times ${words}: show examples`,
        () => pick(found.members[`${t},${said}`] ?? [], `Examples of ${words}.`));
      button.setAttribute('aria-label', `${count} times ${words}`);
      cell.append(button);
      return cell;
    })));
  const share = found.count === 0 ? 0 : 100 * found.right / found.count;
  return html('div', {},
    html('p', { class: 'mc-quiet' }, `${found.right} of ${found.count} `
      + `${whose(found)} are right: ${share.toFixed(1)}\u00a0%. `
      + 'Each row is a class, each column what the model says. '
      + 'Click a number to see its examples.'),
    html('div', { class: 'mc-scroll' }, html('table', { class: 'mc-confusion' }, head, ...rows)));
}

export function spread(found: Spread): HTMLElement {
  const layers = found.layers.map(layer => html('figure', { class: 'mc-layer' },
    html('figcaption', {}, html('b', {}, layer.name), ` ${layer.shape.join(' \u00d7 ')}`),
    bars(layer.weights, 'weights', 'mc-forwardbar'),
    ...(layer.gradients === undefined ? [] : [bars(layer.gradients, 'gradients', 'mc-backbar')])));
  const none = 'The parameters get their shapes with the first batch: press Forward.';
  return html('div', {},
    html('p', { class: 'mc-quiet' }, layers.length === 0 ? none
      : 'How the weights of each parameter are spread, and the gradients of the last batch.'),
    html('div', { class: 'mc-layers' }, ...layers));
}

function bars(histogram: Histogram, what: string, kind: string): HTMLElement {
  const { counts, low, high, strange } = histogram;
  const most = Math.max(1, ...counts);
  const width = 160 / Math.max(counts.length, 1);
  const words = `${what} ${number(low)}${low === high ? '' : ` to ${number(high)}`}`
    + (strange > 0 ? `, ${strange} are no numbers` : '');
  const drawing = svg('svg', { viewBox: '0 0 160 40', class: 'mc-bars', role: 'img',
    'aria-label': words },
    ...counts.map((count, k) => {
      const height = 40 * count / most;
      return svg('rect', { class: kind, x: k * width, y: 40 - height, width: width * 0.9, height });
    }));
  return html('div', {}, drawing, html('div', { class: 'mc-quiet' }, words));
}

/** What stands for a word that only fills a sentence up. */
const PADDING = '\u00b7';

/** A state over time with a word over each step, or scores with the names of the classes. */
function overTime(map: HTMLElement, grid: Grid, size: number,
                  steps: readonly string[] | undefined): HTMLElement {
  if (steps === undefined) return map;
  const cell = cellOf(grid, size);
  const words = html('div', { class: cell < LYING ? 'mc-steps' : 'mc-steps mc-lying' },
    ...steps.map(word => html('span', {}, word)));
  words.style.setProperty('--mc-cell', `${cell}px`);
  return html('div', { class: 'mc-overtime' }, words, map);
}

const TITLES = {
  filters: 'filters', maps: 'what it makes of the example, a picture a channel',
  time: 'what it gives over time: one column a step, one row a unit',
  numbers: 'what it makes of the example'
} as const;

export function inside(found: Inside): Node[] {
  const parts = found.parts.map(part => {
    const words = (part.steps?.length ?? 0) * WORD;
    const size = part.kind === 'filters' ? 40 : part.kind === 'maps' ? 64 : Math.max(320, words);
    const padding = part.steps?.includes(PADDING) === true ? `; ${PADDING} is padding` : '';
    const less = part.grids.length > 1 && part.count > part.grids.length
      ? `, ${part.grids.length} of ${part.count}` : '';
    return html('section', { class: 'mc-part' },
      html('h4', {}, part.name, html('span', { class: 'mc-quiet' },
        ` ${part.what}: ${TITLES[part.kind]}${padding}${less}`)),
      html('div', { class: 'mc-grids' }, ...part.grids.map((grid, k) => overTime(
        heat(grid, `${part.name} ${part.kind} ${k + 1}`, size), grid, size, part.steps))));
  });
  const none = html('p', {}, 'Nothing to see here yet: the model has no links that were called.');
  const example = html('section', { class: 'mc-part' },
    html('h4', {}, `Example ${found.example.number}`), ...shown(found.example));
  return [example, ...(parts.length === 0 ? [none] : parts)];
}
