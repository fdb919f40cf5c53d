/** The plugin that puts code of a widget into cells below it, when the widget asks for that. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';

import { CELLS, type Cells } from '../kit/cells';

export const cells: JupyterFrontEndPlugin<void> = {
  id: 'minichain:cells',
  description: 'Puts code of a widget of minichain into cells below it.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_, tracker: INotebookTracker): void => {
    document.addEventListener(CELLS, event => {
      const { target } = event;
      const panel = tracker.find(each => target instanceof Node && each.node.contains(target));
      if (panel === undefined || !(event instanceof CustomEvent)) return;
      const { sources } = event.detail as Cells;
      const { content } = panel;
      const own = content.widgets.findIndex(cell => cell.node.contains(target as Node));
      content.activeCellIndex = own < 0 ? content.activeCellIndex : own;
      content.deselectAll();
      for (const source of sources) {
        NotebookActions.insertBelow(content);
        content.activeCell?.model.sharedModel.setSource(source);
      }
      event.preventDefault();     // which tells the widget that it was done
    });
  }
};
