import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { lessonsIcon } from '../icon';
import { addCard } from '../launchercard';
import { LazyPanel } from '../lazypanel';
import { once } from '../once';
import { makeRoom, reveal } from '../room';
import { translateSettings } from '../settings';
import { placeOf } from './course';

const PLUGIN_ID = 'minichain:lessons';
const PANEL_ID = 'minichain-lessons';

export const lessons: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'A panel with the lessons, and what a lesson\u2019s notebook has beside it.',
  autoStart: true,
  requires: [INotebookTracker, IDocumentManager],
  optional: [
    ITranslator,
    ICommandPalette,
    ILayoutRestorer,
    ISettingRegistry,
    IStateDB,
    ILabShell,
    ILauncher
  ],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    documents: IDocumentManager,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    registry: ISettingRegistry | null,
    state: IStateDB | null,
    labShell: ILabShell | null,
    launcher: ILauncher | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('minichain');
    translateSettings(registry, PLUGIN_ID, trans);

    // What the panel does is loaded when it is shown, or when a lesson is opened.
    const desk = once(async () => {
      const [settings, { Desk }] = await Promise.all([
        registry?.load(PLUGIN_ID) ?? null,
        import('./desk')
      ]);
      return new Desk({ app, documents, tracker, settings, state, trans });
    });

    const panel = new LazyPanel(async host => (await desk()).attach(host));
    panel.id = PANEL_ID;
    panel.title.icon = lessonsIcon;
    panel.title.caption = trans.__('Minichain lessons');
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute('aria-label', trans.__('Minichain lessons'));
    app.shell.add(panel, 'left', { rank: 600 });
    restorer?.add(panel, PANEL_ID);
    panel.shown.connect(() => makeRoom(tracker.currentWidget, () => labShell?.collapseRight()));

    const dress = async (notebook: NotebookPanel): Promise<void> => {
      if (placeOf(notebook.context.path) !== null) {
        await notebook.revealed;
        await (await desk()).dress(notebook);
      }
    };
    tracker.widgetAdded.connect((_, notebook) => void dress(notebook));
    tracker.forEach(notebook => void dress(notebook));

    const idOfFront = (): string | null => {
      const path = tracker.currentWidget?.context.path;
      return path === undefined ? null : (placeOf(path)?.id ?? null);
    };
    const nothing = { type: 'object', properties: {} } as const;
    const one = { type: 'object', properties: { id: { type: 'string' } } } as const;
    const { commands } = app;
    commands.addCommand('minichain:show-lessons', {
      label: args =>
        args['card'] === true ? trans.__('Minichain Lessons') : trans.__('Show Lessons'),
      caption: trans.__('Show the panel with the lessons'),
      icon: lessonsIcon,
      describedBy: { args: { type: 'object', properties: { card: { type: 'boolean' } } } },
      execute: () => reveal(app.shell, panel)
    });
    commands.addCommand('minichain:open-lesson', {
      label: trans.__('Continue Where You Left'),
      caption: trans.__('Open the lesson that was open last'),
      icon: lessonsIcon,
      describedBy: { args: one },
      execute: async args => (await desk()).open(typeof args['id'] === 'string' ? args['id'] : null)
    });
    commands.addCommand('minichain:reset-lesson', {
      label: trans.__('Reset This Lesson\u2026'),
      caption: trans.__('Begin the lesson in front anew; your work is kept as a backup'),
      icon: lessonsIcon,
      isEnabled: () => idOfFront() !== null,
      describedBy: { args: nothing },
      execute: async () => {
        const id = idOfFront();
        if (id !== null) {
          await (await desk()).startOver(id);
        }
      }
    });
    commands.addCommand('minichain:run-checks', {
      label: trans.__('Run the Checks of This Lesson'),
      caption: trans.__('Run every cell with a check, and say how many are right'),
      icon: lessonsIcon,
      isEnabled: () => tracker.currentWidget !== null,
      describedBy: { args: nothing },
      execute: async () => (await desk()).runChecks()
    });
    addCard(launcher, translator, { command: 'minichain:show-lessons', args: { card: true } });
    for (const command of ['show-lessons', 'open-lesson', 'reset-lesson', 'run-checks']) {
      palette?.addItem({ command: `minichain:${command}`, category: 'Minichain' });
    }
    tracker.currentChanged.connect(() => {
      commands.notifyCommandChanged('minichain:reset-lesson');
      commands.notifyCommandChanged('minichain:run-checks');
    });
  }
};
