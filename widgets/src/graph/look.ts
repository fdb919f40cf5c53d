/** The one table of visual facts; look.json is also read by tests of the Python drawing. */
import table from './look.json';

export const look = table;

/** The step of the heat scale for a gradient norm: so many decades below the largest a step. */
export function heatLevel(norm: number, high: number): number {
  const { levels, decades } = table.heat;
  if (!(norm > 0) || !(high > 0)) return 0;
  const below = Math.floor(Math.log10(high / norm) / decades + 1e-9);
  return Math.max(0, levels - 1 - Math.max(0, below));
}
