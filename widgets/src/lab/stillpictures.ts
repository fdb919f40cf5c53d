/** The plugin that shows the last picture of a widget of minichain where no kernel runs. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';

import { withPicture } from './still';

const WIDGET = 'application/vnd.jupyter.widget-view+json';
/** Before the renderer of ipywidgets, which has -10. */
const RANK = -11;

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

/** Let the notebook's renderer of widgets begin with the picture, if a widget of ours has one. */
function add(notebook: NotebookPanel): void {
  const { rendermime } = notebook.content;
  const factory = rendermime.getFactory(WIDGET);
  if (factory === undefined) return;
  rendermime.addFactory(
    { ...factory, createRenderer: options => withPicture(factory.createRenderer(options)) },
    RANK
  );
}
