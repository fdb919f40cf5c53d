/** A widget asks for cells below it; in JupyterLab, minichain's extension puts them there. */

export const CELLS = 'minichain-cells';

export interface Cells {
  readonly sources: readonly string[];
}

/** Whether somebody has put the code into cells. */
export function putIntoCells(element: HTMLElement, ...sources: string[]): boolean {
  const detail: Cells = { sources };
  return !element.dispatchEvent(
    new CustomEvent(CELLS, { bubbles: true, composed: true, cancelable: true, detail }));
}
