/** What a kernel says about its switches, devices and results, and what can be asked of it. */
import { fieldsOf } from './fields';

export type Switch = 'record' | 'train' | 'debug';

/** What is in force in a kernel. */
export interface Mode {
  t: 'mode';
  record: boolean;
  train: boolean;
  debug: boolean;
  device: string;
  /** Bytes in use on that device; null if nobody knows. */
  memory: number | null;
  /** The user's models: name and device. */
  models: [string, string][];
}

/** What a menu offers. */
export interface Names {
  t: 'names';
  names: { name: string; shape: number[] }[];
  devices: string[];
  /** One sentence on the GPU, or on why there is none, with its gaps and what fills them. */
  gpu: string[];
}

/** The graph behind a result that was asked for, still unchecked. */
export interface Picked {
  t: 'picked';
  name: string;
  graph: unknown;
}

export type ControlMessage = Mode | Names | Picked;

export type ControlRequest =
  | { t: 'set'; switch: Switch; on: boolean }
  | { t: 'move'; model: string; device: string }
  | { t: 'names' }
  | { t: 'pick'; what: 'loss' }
  | { t: 'pick'; what: 'name'; name: string };

const MOST = 100;
const LONGEST = 80;

/** Whether a message is one of these, whatever else it holds. */
export function isControl(message: unknown): boolean {
  const kind = fieldsOf(message)['t'];
  return kind === 'mode' || kind === 'names' || kind === 'picked';
}

/** A message in its proper form; what is missing or odd in it counts as unknown. */
export function parseControl(message: unknown): ControlMessage | null {
  const it = fieldsOf(message);
  switch (it['t']) {
    case 'mode':
      return {
        t: 'mode',
        record: it['record'] === true,
        train: it['train'] === true,
        debug: it['debug'] === true,
        device: text(it['device']),
        memory: typeof it['memory'] === 'number' ? it['memory'] : null,
        models: pairs(it['models']).map(([name, device]) => [text(name), text(device)])
      };
    case 'names':
      return {
        t: 'names',
        names: pairs(it['names']).map(([name, shape]) => ({
          name: text(name),
          shape: Array.isArray(shape) ? shape.slice(0, 32).map(Number) : []
        })),
        devices: Array.isArray(it['devices']) ? it['devices'].slice(0, MOST).map(text) : [],
        gpu: Array.isArray(it['gpu']) ? it['gpu'].slice(0, MOST).filter(isText) : []
      };
    case 'picked':
      return { t: 'picked', name: text(it['name']), graph: it['graph'] };
    default:
      return null;
  }
}

function pairs(value: unknown): [unknown, unknown][] {
  const list = Array.isArray(value) ? value.slice(0, MOST) : [];
  return list.filter(each => Array.isArray(each) && each.length >= 2) as [unknown, unknown][];
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function text(value: unknown): string {
  const whole = typeof value === 'string' ? value : '';
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST - 1)}\u2026` : whole;
}
