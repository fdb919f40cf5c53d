/** How one number came about: its formula, with the numbers of this step. */
import { number } from '../kit';
import { GATES, type Run } from './state';

const MINUS = '\u2212';

/** A number as it stands inside of a formula; negative ones get a true minus sign. */
export function write(value: number): string {
  const text = number(Math.abs(value));
  return value < 0 ? `${MINUS}${text}` : text;
}

function sum(...values: readonly number[]): string {
  return values.map((value, k) => {
    if (k === 0) return write(value);
    return value < 0 ? ` ${MINUS} ${number(-value)}` : ` + ${number(value)}`;
  }).join('');
}

/** A factor: what begins with a minus sign stands in brackets. */
function factor(value: number): string {
  return value < 0 ? `(${write(value)})` : write(value);
}

/** Lines of text about the number of a row at a step and a unit. */
export function explain(run: Run, key: string, step: number, unit: number): string[] {
  const value = run.value(key, step, unit);
  const name = `${key}[${unit + 1}] at step ${step + 1}`;
  if (key === 'x') return [`${name} = ${write(value)}, the input`];
  if (key.startsWith('g')) return gradient(run, key, step, unit);
  if (GATES[run.told.cell].includes(key)) return [name, ...gateLines(run, key, step, unit)];
  return [name, ...stateLines(run, key, step, unit)];
}

function gateLines(run: Run, key: string, step: number, unit: number): string[] {
  const { wx, uh, b } = run.sums(key, step, unit);
  const value = run.gate(key, step, unit);
  if (key === 'n') {
    const r = run.gate('r', step, unit);
    return ['= tanh(W x + b + r \u00d7 U h)',
      `= tanh(${sum(wx, b)} + ${factor(r)} \u00d7 ${factor(uh)})`, `= ${write(value)}`];
  }
  const squash = key === 'a' ? 'tanh' : '\u03c3';
  return [`= ${squash}(W x + U h + b)`, `= ${squash}(${sum(wx, uh, b)})`,
    `= ${squash}(${write(wx + uh + b)})`, `= ${write(value)}`];
}

function stateLines(run: Run, key: string, step: number, unit: number): string[] {
  const gate = (name: string): number => run.gate(name, step, unit);
  const value = run.value(key, step, unit);
  const last = run.before(key, step, unit);
  const times = (a: number, b: number): string => `${factor(a)} \u00d7 ${factor(b)}`;
  switch (`${run.told.cell} ${key}`) {
    case 'lstm c':
      return ['= f \u00d7 c before + i \u00d7 a',
        `= ${times(gate('f'), last)} + ${times(gate('i'), gate('a'))}`, `= ${write(value)}`];
    case 'lstm h': {
      const c = run.value('c', step, unit);
      return ['= o \u00d7 tanh(c)', `= ${factor(gate('o'))} \u00d7 tanh(${write(c)})`,
        `= ${write(value)}`];
    }
    case 'gru h': {
      const z = gate('z');
      return ['= (1 \u2212 z) \u00d7 n + z \u00d7 h before',
        `= ${times(1 - z, gate('n'))} + ${times(z, last)}`, `= ${write(value)}`];
    }
    default: {
      const { wx, uh, b } = run.sums(key, step, unit);
      const { activation } = run.told;
      return [`= ${activation}(W x + U h + b)`, `= ${activation}(${sum(wx, uh, b)})`,
        `= ${write(value)}`];
    }
  }
}

function gradient(run: Run, key: string, step: number, unit: number): string[] {
  const value = run.value(key, step, unit);
  const of = key.slice(1);
  const lines = [`\u2202L/\u2202${of}[${unit + 1}] at step ${step + 1} = ${write(value)}`];
  if (of !== 'h') return lines;
  const [here, most] = [run.norms[step] ?? 0, Math.max(...run.norms)];
  lines.push(here === 0 ? 'No gradient arrives at this step.'
    : `The whole column has length ${write(here)}, ${write(100 * here / most)} % of the longest.`);
  return lines;
}
