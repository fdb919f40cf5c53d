/** The place of a panel: in view, and with room for the notebook between two side bars. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { MessageLoop } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';

/** A notebook that is narrower cannot be read: pixels. */
export const NARROWEST_NOTEBOOK = 480;

/** A panel or a smaller window has come. If that leaves too little of the notebook, close one. */
export function makeRoom(notebook: NotebookPanel | null, close: () => void): void {
  requestAnimationFrame(() => {
    MessageLoop.flush();    // else the notebook may still have the width that it had before
    if (notebook?.isVisible && notebook.node.clientWidth < NARROWEST_NOTEBOOK) {
      close();
    }
  });
}

/** Bring a panel into view. Notebook 7.4 would close one that is activated while it is open. */
export function reveal(shell: JupyterFrontEnd.IShell, panel: Widget): void {
  if (!panel.isVisible) {
    shell.activateById(panel.id);
  }
}
