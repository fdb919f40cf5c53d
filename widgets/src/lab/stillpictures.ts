/** The plugin that shows the last picture of a widget of minichain where no kernel runs. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Cell, CodeCell } from '@jupyterlab/cells';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';

import { pictured, stillOf, withPicture } from './still';

const SVG = 'image/svg+xml';
const WIDGET = 'application/vnd.jupyter.widget-view+json';

export const stillPictures: JupyterFrontEndPlugin<void> = {
  id: 'minichain:still-pictures',
  description: 'Shows the last picture of a widget of minichain where no kernel runs.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_, tracker: INotebookTracker): void => {
    tracker.forEach(add);
    tracker.widgetAdded.connect((_, notebook) => add(notebook));
  }
};

/**
 * Let the notebook's renderers of widgets begin with the picture, if a widget of ours has one:
 * those that ipywidgets has for it before there is a kernel, and those that it brings afterwards.
 */
function add(notebook: NotebookPanel): void {
  const { rendermime } = notebook.content;
  const create = rendermime.createRenderer.bind(rendermime);
  rendermime.createRenderer = mimeType =>
    mimeType === WIDGET ? withPicture(create(mimeType)) : create(mimeType);
  notebook.context.saveState.connect((_, state) => {
    if (state === 'started') keep(notebook);
  });
}

/** Put the pictures of all widgets, as they are now, into the outputs that are saved. */
function keep(notebook: NotebookPanel): void {
  for (const cell of notebook.content.widgets) {
    if (!hasOutputs(cell)) continue;
    const { model, widgets } = cell.outputArea;
    widgets.forEach((widget, index) => {
      const still = stillOf(widget.node);
      const output = index < model.length ? model.get(index) : undefined;
      if (still === null || output?.data[WIDGET] === undefined) return;
      if (output.data[SVG] === still.svg) return;
      output.setData({ data: pictured(output.data, still) });
    });
  }
}

function hasOutputs(cell: Cell): cell is CodeCell {
  return 'outputArea' in cell;
}
