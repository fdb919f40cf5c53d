import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { type DocumentRegistry, MimeDocumentFactory } from '@jupyterlab/docregistry';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import { graphIcon } from '../icon';
import { type Draw, LazyRenderer } from './renderer';

const GRAPH = 'application/vnd.minichain.graph+json';
const ERROR = 'application/vnd.minichain.error+json';
const FILE_TYPE = 'minichain-graph';

/** Stored graphs in outputs and in *.graph.json files, and the explanations of errors. */
export const mime: JupyterFrontEndPlugin<void> = {
  id: 'minichain:mime',
  description: 'Shows stored graphs, and explains the errors of minichain.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('minichain');
    const add = (mimeType: string, load: (trans: TranslationBundle) => Promise<Draw>): void => {
      rendermime.addFactory(
        {
          safe: true,
          mimeTypes: [mimeType],
          createRenderer: () => new LazyRenderer(mimeType, () => load(trans))
        },
        0
      );
    };
    add(GRAPH, async words => (await import('./stored')).drawStored(words));
    add(ERROR, async words => {
      const { drawExplanation } = await import('./explanation');
      return drawExplanation(words, app.commands);
    });
    app.docRegistry.addFileType({
      name: FILE_TYPE,
      displayName: trans.__('Minichain graph'),
      extensions: ['.graph.json'],
      mimeTypes: [GRAPH],
      fileFormat: 'text',
      icon: graphIcon
    });
    const factory = new MimeDocumentFactory({
      dataType: 'string',
      rendermime,
      modelName: 'text',
      name: 'Minichain Graph',
      label: trans.__('Minichain Graph'),
      primaryFileType: app.docRegistry.getFileType(FILE_TYPE),
      fileTypes: [FILE_TYPE],
      defaultFor: [FILE_TYPE]
    });
    // Its declared type differs from the registry's in one property that may be undefined.
    app.docRegistry.addWidgetFactory(factory as unknown as DocumentRegistry.WidgetFactory);
  }
};
