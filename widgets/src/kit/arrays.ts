/** Arrays in messages: float32 as base64, as `minichain_widgets.arrays.packed` writes them. */
export interface Packed {
  readonly shape: readonly number[];
  readonly data: string;
}

export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export function unpack(packed: Packed): Numbers {
  const bytes = Uint8Array.from(atob(packed.data), letter => letter.charCodeAt(0));
  return { shape: packed.shape, data: new Float32Array(bytes.buffer) };
}
