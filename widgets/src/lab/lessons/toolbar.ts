/** Previous, next, and "my copy" in the toolbar of a lesson's notebook. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ToolbarButton } from '@jupyterlab/ui-components';

export interface Step {
  title: string;
  go(): void;
}

export interface Steps {
  before: Step | null;
  after: Step | null;
  /** Opens the student's own copy; null in the copy itself. */
  own: (() => void) | null;
}

const PREVIOUS = 'minichain-previous';

/** Add the buttons once. */
export function dress(panel: NotebookPanel, trans: TranslationBundle, steps: Steps): void {
  const { toolbar } = panel;
  if ([...toolbar.names()].includes(PREVIOUS)) {
    return;
  }
  const { before, after, own } = steps;
  type Act = (() => void) | null;
  const add = (name: string, label: string, tooltip: string, onClick: Act): void => {
    const enabled = onClick !== null;
    const shown = new ToolbarButton({ label, tooltip, enabled, onClick: () => onClick?.() });
    toolbar.insertBefore('spacer', name, shown) || toolbar.addItem(name, shown);
  };
  if (before !== null) {
    add(PREVIOUS, '\u2039', trans.__('Back to "%1"', before.title), () => before.go());
  } else {
    add(PREVIOUS, '\u2039', trans.__('This is the first lesson'), null);
  }
  if (after !== null) {
    add('minichain-next', '\u203a', trans.__('On to "%1"', after.title), () => after.go());
  } else {
    add('minichain-next', '\u203a', trans.__('This is the last lesson that is ready'), null);
  }
  if (own !== null) {
    const tip = trans.__('This is the original. Open a copy of your own to work in');
    add('minichain-own', trans.__('My Copy'), tip, own);
  }
}
