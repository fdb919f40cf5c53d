/** One step in detail: the formula, what goes in and comes out, and where gradients meet. */
import { colourOf, html, inkOn, limitsOf, type Limits } from '../kit';
import type { Part, Shown, Step, Values } from './steps';

const PHASES = {
  forward: 'forward', seed: 'backward begins', backward: 'backward', leaf: 'gradient complete'
} as const;

export function card(step: Step): HTMLElement {
  const backward = step.phase !== 'forward';
  const head = html('h4', { class: 'mc-steptitle' }, step.title, ' ',
    html('span', { class: `mc-tag ${backward ? 'mc-back' : 'mc-forth'}` }, PHASES[step.phase]));
  const parts: Node[] = [head];
  if (step.formula !== '') parts.push(html('p', { class: 'mc-formula' }, step.formula));
  if (step.options !== '') parts.push(html('p', { class: 'mc-quiet' }, step.options));
  parts.push(...bodies[step.phase](step));
  if (step.code !== '') {
    const code = html('pre', { class: 'mc-source' }, step.code);
    parts.push(html('details', { class: 'mc-backcode' },
      html('summary', {}, 'The lines that compute this'), code));
  }
  return html('div', { class: 'mc-step' }, ...parts);
}

const bodies: Readonly<Record<Step['phase'], (step: Step) => Node[]>> = {
  forward: step => [
    facts(...inputs(step), ...outputs(step)),
    ...(step.outputs.some(unknown) ? [lost()] : [])
  ],
  seed: step => [
    html('p', {}, `${step.name} is ${step.outputs[0]?.text ?? ''}. `,
      'How fast it changes with itself: ',
      value(step.arriving[0]), '. From here the gradient flows back.')
  ],
  backward: step => [
    facts(...inputs(step), ...arriving(step)),
    ...step.parts.map(part => flow(part, step))
  ],
  leaf: step => [
    facts(fact(step.name, 'its value', step.outputs),
      fact('gradient', 'how fast the result changes with it', step.arriving)),
    ...(step.parts.length > 1 ? [sum(step.parts.map(part => part.part), step.arriving[0])] : [])
  ]
};

/** What one needs to know to find the next number oneself. */
export function given(step: Step): HTMLElement {
  const known = step.phase === 'forward' ? [] : arriving(step);
  return facts(...inputs(step), ...known);
}

function facts(...lines: HTMLElement[]): HTMLElement {
  return html('div', { class: 'mc-facts' }, ...lines);
}

function inputs(step: Step): HTMLElement[] {
  return step.inputs.map(input =>
    fact(input.name, input.of === input.name ? '' : (input.of ?? 'a constant'), [input]));
}

function outputs(step: Step): HTMLElement[] {
  const [first] = step.outputs;
  const scalar = first?.shape?.length === 0 && step.outputs.length === 1;
  return [fact('out', `= ${scalar ? step.words : step.names}`, step.outputs)];
}

function arriving(step: Step): HTMLElement[] {
  return [fact('comes in', 'the gradient', step.arriving)];
}

function fact(name: string, what: string, values: readonly Shown[]): HTMLElement {
  const shown = values.map(each => (unknown(each) ? 'not kept by the graph' : value(each)));
  return html('div', { class: 'mc-fact' },
    html('span', { class: 'mc-what' }, html('b', {}, name), ` ${what}`),
    html('span', {}, ...shown.flatMap((node, k) => (k === 0 ? [node] : [' ', node]))));
}

function unknown(shown: Shown): boolean {
  return shown.shape === null && shown.text === '';
}

function lost(): HTMLElement {
  return html('p', { class: 'mc-quiet' },
    'A graph keeps what backward needs and no more. BackpropStepper(f, x) computes f(x) itself ',
    'and knows every number.');
}

/** What flows to one input: the product with the local derivative, and the sum where paths meet. */
function flow(part: Part, step: Step): HTMLElement {
  const head = html('div', { class: 'mc-to' }, 'to ', html('b', {}, part.name), ` (${part.of})`);
  const lines: Node[] = [head];
  const [incoming] = step.arriving;
  if (part.local?.kind === 'each' && incoming !== undefined) {
    lines.push(html('div', { class: 'mc-sum' }, value(incoming), ' \u00b7 ', value(part.local),
      ' = ', value(part.part)));
    lines.push(html('div', { class: 'mc-quiet' }, 'comes in \u00b7 local derivative = flows on'));
  } else {
    lines.push(html('div', { class: 'mc-sum' }, value(part.part)));
    if (part.local !== null) {
      lines.push(html('div', { class: 'mc-quiet' }, 'local derivative, a row for each output:'),
        value(part.local));
    }
  }
  if (part.stretched) {
    lines.push(html('div', { class: 'mc-quiet' },
      'summed over the axes along which the input was repeated'));
  }
  if (part.paths > 1) lines.push(meeting(part));
  return html('div', { class: 'mc-flow' }, ...lines);
}

function meeting(part: Part): HTMLElement {
  const more = part.paths - part.path;
  const words = `path ${part.path} of ${part.paths} to ${part.of}`;
  const rest = more > 0 ? `, ${more} still to come` : ': all have met, and add up';
  const box = html('div', { class: 'mc-meet' }, words + rest);
  if (part.before.length > 0) box.append(sum([...part.before, part.part], part.total));
  return box;
}

function sum(parts: readonly Shown[], total: Shown | undefined): HTMLElement {
  const terms = parts.flatMap((part, k) => (k === 0 ? [value(part)] : [' + ', value(part)]));
  return html('div', { class: 'mc-sum' }, ...terms, ' = ', value(total));
}

/** A number, or the few numbers of an array as a coloured table; else its size in words. */
export function value(shown: Shown | undefined): Node {
  if (shown === undefined) return document.createTextNode('?');
  const { values } = shown;
  if (values === null || !Array.isArray(values)) {
    return html('span', { class: 'mc-num' }, shown.text.replaceAll('-', '\u2212'));
  }
  const rows = rowsOf(values as readonly Values[]);
  const numbers = rows.flat().map(Number);
  const limits = limitsOf(numbers, 'sign');
  const table = html('span', { class: 'mc-array', role: 'img', 'aria-label': shown.text });
  for (const row of rows) {
    table.append(html('span', { class: 'mc-arrayrow' }, ...row.map(each => cell(each, limits))));
  }
  return table;
}

/** An array as rows of its last axis. */
export function rowsOf(values: readonly Values[]): (number | string | boolean)[][] {
  if (!values.some(Array.isArray)) return [values as (number | string | boolean)[]];
  return values.flatMap(each => rowsOf(each as readonly Values[]));
}

function cell(each: number | string | boolean, limits: Limits): HTMLElement {
  const number = Number(each);
  const colour = colourOf(number, 'sign', limits);
  const words = typeof each === 'number' ? String(Number(each.toPrecision(3))) : String(each);
  const element = html('span', { class: 'mc-arraycell' }, words.replace('-', '\u2212'));
  element.style.background = `rgb(${colour.join(' ')})`;
  element.style.color = inkOn(colour);
  return element;
}
