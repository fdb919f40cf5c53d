/** A convolution in the browser, and the windows that its outputs see. */
import type { Numbers } from '../kit';

export type Pair = readonly [number, number];

/** Several maps of one size: an array (C, H, W). */
export interface Maps {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

export interface Windows {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pad: Pair;
  readonly dilate: Pair;
}

/** The maps of an array (C, H, W), or one of those of (N, C, H, W). */
export function mapsOf({ shape, data }: Numbers, index = 0): Maps {
  const [channels = 1, height = 1, width = 1] = shape.slice(-3);
  const size = channels * height * width;
  return { channels, height, width, data: data.slice(index * size, (index + 1) * size) };
}

export function mapOf(maps: Maps, channel: number): Float32Array {
  const size = maps.height * maps.width;
  return maps.data.subarray(channel * size, (channel + 1) * size);
}

/** Pixels from a window's first to its last. */
export function reach({ kernel, dilate }: Windows, axis: 0 | 1): number {
  return (kernel[axis] - 1) * dilate[axis] + 1;
}

/** How many windows fit: (height, width) of the output; below 1 if none does. */
export function outputSize(x: Maps, windows: Windows): Pair {
  const count = (size: number, axis: 0 | 1): number =>
    Math.floor((size + 2 * windows.pad[axis] - reach(windows, axis)) / windows.stride[axis]) + 1;
  return [count(x.height, 0), count(x.width, 1)];
}

/** y[i, j] = b + sum over c, k, l of x[c, i stride + k dilate - pad, ...] W[c, k, l]. */
export function convolve(x: Maps, weights: Float32Array, bias: number, windows: Windows): Maps {
  const [height, width] = outputSize(x, windows);
  const data = new Float32Array(Math.max(0, height) * Math.max(0, width)).fill(bias);
  const { kernel: [rows, columns], stride, pad, dilate } = windows;
  for (let c = 0; c < x.channels; c++) {
    for (let k = 0; k < rows; k++) {
      for (let l = 0; l < columns; l++) {
        const weight = weights[(c * rows + k) * columns + l] ?? 0;
        if (weight === 0) continue;
        for (let i = 0; i < height; i++) {
          const row = i * stride[0] + k * dilate[0] - pad[0];
          if (row < 0 || row >= x.height) continue;
          const from = (c * x.height + row) * x.width;
          for (let j = 0; j < width; j++) {
            const column = j * stride[1] + l * dilate[1] - pad[1];
            if (column < 0 || column >= x.width) continue;
            data[i * width + j]! += weight * x.data[from + column]!;
          }
        }
      }
    }
  }
  return { channels: 1, height, width, data };
}

/** One pixel of a window: where it lies, counted from the corner of the padding. */
export interface Tap {
  readonly row: number;
  readonly column: number;
  readonly value: number;
  readonly weight: number;
}

/** What an output sees in one channel: a tap for each number of the filter, row by row. */
export function windowAt(x: Maps, weights: Float32Array, windows: Windows, channel: number,
                         at: Pair): Tap[] {
  const { kernel: [rows, columns], stride, pad, dilate } = windows;
  const taps: Tap[] = [];
  for (let k = 0; k < rows; k++) {
    for (let l = 0; l < columns; l++) {
      const row = at[0] * stride[0] + k * dilate[0];
      const column = at[1] * stride[1] + l * dilate[1];
      const [y, z] = [row - pad[0], column - pad[1]];
      const inside = y >= 0 && y < x.height && z >= 0 && z < x.width;
      const value = inside ? x.data[(channel * x.height + y) * x.width + z] ?? 0 : 0;
      taps.push({ row, column, value,
        weight: weights[(channel * rows + k) * columns + l] ?? 0 });
    }
  }
  return taps;
}

/** The outputs that see a pixel, which is counted from the corner of the padding. */
export function seenBy(x: Maps, windows: Windows, row: number, column: number): Pair[] {
  const along = (place: number, axis: 0 | 1, count: number): number[] => {
    const [stride, dilate] = [windows.stride[axis], windows.dilate[axis]];
    return Array.from({ length: Math.max(0, count) }, (_, k) => k).filter(k => {
      const offset = place - k * stride;
      return offset >= 0 && offset % dilate === 0 && offset / dilate < windows.kernel[axis];
    });
  };
  const [height, width] = outputSize(x, windows);
  const columns = along(column, 1, width);
  return along(row, 0, height).flatMap(i => columns.map(j => [i, j] as const));
}
