/** Run the checks of a lesson, and say how they went. */
import { Notification } from '@jupyterlab/apputils';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

type Cell = NotebookPanel['content']['widgets'][number];

const CHECK = /^\s*(check|quiz)\(/m;
/** The signs with which minichain_widgets/exercises.py begins a verdict. */
const SIGNS = { right: '\u2713', nearly: '\u2248', wrong: '\u2717' } as const;

/** Run the cells with checks; in a notebook that has not been run, all cells. */
export async function runChecks(panel: NotebookPanel, trans: TranslationBundle): Promise<void> {
  const { content, sessionContext } = panel;
  const cells = content.widgets.filter(cell => CHECK.test(cell.model.sharedModel.getSource()));
  if (cells.length === 0) {
    Notification.info(trans.__('There is no check in this notebook.'), { autoClose: 4_000 });
    return;
  }
  await sessionContext.ready;
  const fresh = content.widgets.every(cell => countOf(cell) === null);
  if (fresh) {
    await NotebookActions.runAll(content, sessionContext);
  } else {
    await NotebookActions.runCells(content, cells, sessionContext);
  }
  const texts = cells.map(textOf);
  const count = (sign: string): number => texts.filter(text => text.startsWith(sign)).length;
  const words = trans.__(
    '%1 right, %2 nearly, %3 wrong, %4 still open',
    count(SIGNS.right),
    count(SIGNS.nearly),
    count(SIGNS.wrong),
    texts.length - count(SIGNS.right) - count(SIGNS.nearly) - count(SIGNS.wrong)
  );
  Notification.info(words, { autoClose: 8_000 });
}

function countOf(cell: Cell): unknown {
  const stored = cell.model.toJSON();
  return 'execution_count' in stored ? stored['execution_count'] : null;
}

/** The plain text that a cell gave. */
function textOf(cell: Cell): string {
  const stored = cell.model.toJSON();
  const outputs = Array.isArray(stored['outputs']) ? stored['outputs'] : [];
  for (const output of outputs as { data?: Record<string, unknown> }[]) {
    const text = output.data?.['text/plain'];
    if (text !== undefined) {
      return Array.isArray(text) ? text.join('') : String(text);
    }
  }
  return '';
}
