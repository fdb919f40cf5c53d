/** Room for the notebook between two side bars. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import { MessageLoop } from '@lumino/messaging';

/** A notebook that is narrower cannot be read: pixels. */
export const NARROWEST_NOTEBOOK = 480;

/** A panel has come into view. If that leaves too little of the notebook, another one closes. */
export function makeRoom(notebook: NotebookPanel | null, close: () => void): void {
  requestAnimationFrame(() => {
    MessageLoop.flush();    // else the notebook may still have the width that it had before
    const width = notebook?.node.clientWidth ?? NARROWEST_NOTEBOOK;
    if (width < NARROWEST_NOTEBOOK) {
      close();
    }
  });
}
