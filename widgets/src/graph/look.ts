/** The one table of visual facts; look.json is also read by tests of the Python drawing. */
import table from './look.json';

export const look = table;

/** The decades that the heat scale spans, for the smallest and largest gradient norm seen. */
export function heatSpan(low: number, high: number): number {
  const { 'least-decades': least, 'most-decades': most } = table.heat;
  const decades = low > 0 && high > 0 ? Math.log10(high / low) : 0;
  return Math.min(most, Math.max(least, decades));
}

/** The step of the heat scale for a gradient norm: even steps of its logarithm. */
export function heatLevel(norm: number, low: number, high: number): number {
  const { levels } = table.heat;
  if (!(norm > 0) || !(high > 0)) return 0;
  const part = 1 - Math.log10(high / norm) / heatSpan(low, high);
  return Math.max(0, Math.min(levels - 1, Math.floor(part * levels)));
}
