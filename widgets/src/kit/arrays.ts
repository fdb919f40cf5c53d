/** Arrays in messages: float32 as base64, as `minichain_widgets.arrays.packed` writes them. */
import { count, list, record, refuse, text, type Check } from './check';

export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const PACKED = record({ shape: list(count, 8), data: text(50_000_000) });

/** The numbers of a packed array that has one of these numbers of axes. */
export function packed(...axes: readonly number[]): Check<Numbers> {
  return (value, where) => {
    const { shape, data } = PACKED(value, where);
    const bytes = bytesOf(data, `${where}.data`);
    const size = shape.reduce((product, length) => product * length, 1);
    if (!axes.includes(shape.length)) {
      refuse(`${where}.shape`, `a list of ${axes.join(' or ')}`, shape);
    }
    if (bytes.length !== 4 * size) {
      refuse(`${where}.data`, `${size} numbers of 4 bytes`, `${bytes.length} bytes`);
    }
    return { shape, data: new Float32Array(bytes.buffer) };
  };
}

function bytesOf(data: string, where: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
  } catch {
    return refuse(where, 'base64', data);
  }
}
