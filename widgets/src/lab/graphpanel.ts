import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { graphIcon } from './icon';
import { once } from './once';
import { LiveGraphPanel, PANEL_ID } from './panel';
import { makeRoom, NARROWEST_NOTEBOOK, reveal } from './room';
import { translateSettings } from './settings';

const PLUGIN_ID = 'minichain:graph-panel';
const SHOW_GRAPH = 'minichain:show-graph';
const SHOW_NODE = 'minichain:show-node';
const MOVE_PANEL = 'minichain:move-graph';

/** Remembered in the workspace: the panel has opened by itself once and will not do so again. */
const OPENED = `${PLUGIN_ID}:opened`;

/** Where that would leave too little of the notebook, the panel waits for its tab to be clicked. */
const PANEL_WIDTH = 260;

export const graphPanel: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'A panel with the graph that the kernel of the notebook in front is building.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [
    ITranslator,
    ICommandPalette,
    ILayoutRestorer,
    ISettingRegistry,
    IStateDB,
    IStatusBar,
    ILabShell
  ],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    settings: ISettingRegistry | null,
    state: IStateDB | null,
    statusBar: IStatusBar | null,
    labShell: ILabShell | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('minichain');
    translateSettings(settings, PLUGIN_ID, trans);
    // Notebook 7 has no room for a second widget in its main area.
    const movable = labShell !== null;
    const panel = new LiveGraphPanel(trans, movable);
    app.shell.add(panel, 'right', { rank: 900 });
    restorer?.add(panel, PANEL_ID);

    tracker.forEach(notebook => panel.add(notebook));
    tracker.widgetAdded.connect((_, notebook) => panel.add(notebook));
    tracker.currentChanged.connect((_, notebook) => panel.follow(notebook));
    panel.follow(tracker.currentWidget);

    app.commands.addCommand(SHOW_GRAPH, {
      label: trans.__('Show Live Graph'),
      caption: trans.__('Show the graph that the notebook in front is building'),
      icon: graphIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        reveal(app.shell, panel);
        await panel.search();
      }
    });
    app.commands.addCommand(SHOW_NODE, {
      label: trans.__('Show the Operation in the Live Graph'),
      caption: trans.__('Select the operation that failed in the live graph'),
      icon: graphIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: { id: { type: 'integer' }, run: { type: 'integer' } },
          required: ['id', 'run']
        }
      },
      execute: async args => {
        reveal(app.shell, panel);
        if (!(await panel.select(Number(args['id']), Number(args['run'])))) {
          const words = trans.__('The graph shows something newer by now. Run the cell again.');
          Notification.info(words, { autoClose: 5_000 });
        }
      }
    });
    app.commands.addCommand(MOVE_PANEL, {
      label: () =>
        panel.docked
          ? trans.__('Move the Live Graph into the Main Area')
          : trans.__('Move the Live Graph into the Side Bar'),
      caption: trans.__('Give the live graph more room, or bring it back to the edge'),
      icon: graphIcon,
      isEnabled: () => movable,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        panel.setDocked(!panel.docked);
        if (panel.docked) {
          app.shell.add(panel, 'right', { rank: 900 });
        } else {
          app.shell.add(panel, 'main', { mode: 'split-right' });
        }
        reveal(app.shell, panel);
        app.commands.notifyCommandChanged(MOVE_PANEL);
      }
    });
    panel.moveWanted.connect(() => void app.commands.execute(MOVE_PANEL));
    for (const command of [SHOW_GRAPH, MOVE_PANEL]) {
      palette?.addItem({ command, category: 'Minichain' });
    }

    const bars = once(
      async () => new (await import('./mode/bar')).ModeBars(app, tracker, panel, statusBar, trans)
    );
    panel.modeCame.connect((_, source) => void bars().then(all => all.add(source)));

    const giveRoom = (): void => {
      if (panel.docked && panel.isVisible) {
        makeRoom(tracker.currentWidget, () => labShell?.collapseLeft());
      }
    };
    panel.shown.connect(giveRoom);
    window.addEventListener('resize', giveRoom);

    const openOnce = async (): Promise<void> => {
      const setting = await settings?.get(PLUGIN_ID, 'openByItself');
      if (setting?.composite === false || (await state?.fetch(OPENED)) === true) {
        return;
      }
      const width = tracker.currentWidget?.node.clientWidth ?? 0;
      if (width - PANEL_WIDTH < NARROWEST_NOTEBOOK) {
        panel.mark();
        return;
      }
      await state?.save(OPENED, true);
      reveal(app.shell, panel);
    };
    let asked = false;
    panel.graphCame.connect(() => {
      if (!asked) {
        asked = true;
        void openOnce();
      }
    });
  }
};
