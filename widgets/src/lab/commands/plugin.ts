import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { graphIcon } from '../icon';
import { addCard } from '../launchercard';
import { once } from '../once';
import type { Work } from './work';

/** Commands that need a notebook or a kernel; what they do is loaded when one is used. */
export const commands: JupyterFrontEndPlugin<void> = {
  id: 'minichain:commands',
  description: 'Commands for debugging, building nets, and finding out what is wrong.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ITranslator, ICommandPalette, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('minichain');
    const work = once(async () => new (await import('./work')).Work(app, tracker, trans));
    const add = (
      id: string,
      label: string,
      caption: string,
      act: (work: Work) => Promise<unknown>,
      anywhere = false
    ): void => {
      const command = `minichain:${id}`;
      app.commands.addCommand(command, {
        label,
        caption,
        icon: graphIcon,
        isEnabled: () => anywhere || tracker.currentWidget !== null,
        describedBy: { args: { type: 'object', properties: {} } },
        execute: async () => act(await work())
      });
      palette?.addItem({ command, category: 'Minichain' });
    };
    add(
      'step-backward',
      trans.__('Step Through Backward'),
      trans.__('Insert a cell that walks back from a result, one operation at a time'),
      it => it.stepBackward()
    );
    add(
      'open-net-builder',
      trans.__('Open NetBuilder'),
      trans.__('Build a net from blocks, in a new notebook'),
      it => it.openNetBuilder(),
      true
    );
    addCard(launcher, translator, { command: 'minichain:open-net-builder' });
    add(
      'insert-net-code',
      trans.__('Insert the Code of the NetBuilder'),
      trans.__('Insert a cell with the Python code of the net that was built here'),
      it => it.insertNetCode()
    );
    add(
      'doctor',
      trans.__('Doctor: What Is Wrong With My Set-Up?'),
      trans.__('Ask the kernel of this notebook what is in force and what would help'),
      it => it.doctor()
    );
    add(
      'report',
      trans.__('Report: Versions for a Bug Report'),
      trans.__('Show versions to copy into a bug report; nothing private is in it'),
      it => it.report(),
      true
    );
  }
};
