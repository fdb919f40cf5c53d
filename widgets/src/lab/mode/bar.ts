/** Device and mode of a kernel: in the toolbar of its notebooks, and in the status bar. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { IStatusBar } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Menu, Widget } from '@lumino/widgets';

import { bytes } from '../../graph/words';
import { button, html } from '../../kit/dom';
import type { Mode, Names, Switch } from '../control';
import type { LiveGraphPanel } from '../panel';
import { sentence } from '../sentence';
import type { Source } from '../source';

const MOVE_MODEL = 'minichain:move-model';
const DEVICE_NOTE = 'minichain:device-note';
const TOOLBAR_ITEM = 'minichain-mode';
/** Milliseconds that a kernel has to name its devices before the menu opens without them. */
const PATIENCE = 400;

/** Adds a bar to every notebook whose kernel computes with minichain. */
export class ModeBars {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly tracker: INotebookTracker,
    private readonly panel: LiveGraphPanel,
    statusBar: IStatusBar | null,
    private readonly trans: TranslationBundle
  ) {
    this.addCommands();
    const refresh = (): void => this.refreshStatus();
    tracker.currentChanged.connect(refresh);
    tracker.widgetAdded.connect((_, notebook) => this.dress(notebook));
    statusBar?.registerStatusItem('minichain:mode', {
      item: this.status,
      align: 'left',
      rank: 900,
      isActive: () => this.front?.mode != null,
      activeStateChanged: this.statusChanged
    });
    this.status.addClass('mc-ModeStatus');
  }

  add(source: Source): void {
    source.modeChanged.connect(() => this.refreshStatus());
    this.tracker.forEach(notebook => this.dress(notebook));
    this.refreshStatus();
  }

  private dress(notebook: NotebookPanel): void {
    const source = this.panel.sourceOf(notebook);
    const known = [...notebook.toolbar.names()].includes(TOOLBAR_ITEM);
    if (source === null || source.mode === null || known) {
      return;
    }
    const bar = new ModeBar(source, this.trans, at => void this.openMenu(source, at));
    notebook.toolbar.insertBefore('spacer', TOOLBAR_ITEM, bar) ||
      notebook.toolbar.addItem(TOOLBAR_ITEM, bar);
  }

  private get front(): Source | null {
    return this.panel.sourceOf(this.tracker.currentWidget);
  }

  private refreshStatus(): void {
    const mode = this.front?.mode ?? null;
    const { trans } = this;
    if (mode !== null) {
      const words = [
        deviceWords(mode),
        mode.train ? trans.__('training') : trans.__('testing'),
        mode.record ? trans.__('recording') : trans.__('not recording')
      ];
      this.status.node.textContent = words.join(' \u00b7 ');
      this.status.node.title = trans.__('Device and mode of minichain in this notebook');
    }
    this.statusChanged.emit();
  }

  private addCommands(): void {
    const { commands } = this.app;
    const text = (value: unknown): string => (typeof value === 'string' ? value : '');
    commands.addCommand(MOVE_MODEL, {
      label: args => {
        const [model, device] = [text(args['model']), deviceName(text(args['device']))];
        return args['here'] === true
          ? this.trans.__('%1 is on the %2', model, device)
          : this.trans.__('Move %1 to the %2', model, device);
      },
      isToggled: args => args['here'] === true,
      describedBy: {
        args: {
          type: 'object',
          properties: { model: { type: 'string' }, device: { type: 'string' } },
          required: ['model', 'device']
        }
      },
      execute: args => {
        const [model, device] = [text(args['model']), text(args['device'])];
        this.front?.request({ t: 'move', model, device });
      }
    });
    commands.addCommand(DEVICE_NOTE, {
      label: args => text(args['text']) || this.trans.__('Device'),
      isEnabled: () => false,
      describedBy: { args: { type: 'object', properties: { text: { type: 'string' } } } },
      execute: () => undefined
    });
  }

  private async openMenu(source: Source, at: HTMLElement): Promise<void> {
    const names = await askNames(source);
    const models = source.mode?.models ?? [];
    const menu = new Menu({ commands: this.app.commands });
    const note = (text: string): void => {
      menu.addItem({ command: DEVICE_NOTE, args: { text } });
    };
    if (models.length === 0) {
      note(this.trans.__('There is no model in this notebook yet.'));
    }
    for (const [model, here] of models.slice(-8)) {
      for (const device of names?.devices ?? ['cpu']) {
        menu.addItem({ command: MOVE_MODEL, args: { model, device, here: here === device } });
      }
    }
    if (names !== null) {
      menu.addItem({ type: 'separator' });
      note(sentence(this.trans, names.gpu));
    }
    const { left, bottom } = at.getBoundingClientRect();
    menu.aboutToClose.connect(() => window.setTimeout(() => menu.dispose()));
    menu.open(left, bottom);
  }

  private readonly status = new Widget();
  private readonly statusChanged = new Signal<this, void>(this);
}

/** What the kernel answers; null if it has no time to. */
async function askNames(source: Source): Promise<Names | null> {
  return new Promise(resolve => {
    const take = (_: Source, names: Names | null): void => {
      source.namesCame.disconnect(take);
      window.clearTimeout(timer);
      resolve(names);
    };
    const timer = window.setTimeout(() => take(source, null), PATIENCE);
    source.namesCame.connect(take);
    source.request({ t: 'names' });
  });
}

/** Three buttons: device and memory, train or test, recording or not. */
class ModeBar extends Widget {
  constructor(
    private readonly source: Source,
    private readonly trans: TranslationBundle,
    openMenu: (at: HTMLElement) => void
  ) {
    super();
    this.addClass('mc-Mode');
    const tip = trans.__('Where the models of this notebook are, and the memory in use');
    this.device = button('mc-Mode-device', tip, '', () => openMenu(this.device));
    this.train = this.toggle('train');
    this.record = this.toggle('record');
    this.node.append(html('div', { class: 'mc-Mode-row' }, this.device, this.train, this.record));
    source.modeChanged.connect(this.draw, this);
    this.draw();
  }

  override dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  private toggle(name: Switch): HTMLButtonElement {
    const element = button('mc-Mode-switch', '', '', () => {
      const mode = this.source.mode;
      if (mode !== null) {
        element.classList.add('mc-Mode-waiting');
        this.source.request({ t: 'set', switch: name, on: !mode[name] });
      }
    });
    return element;
  }

  private draw(): void {
    const mode = this.source.mode;
    const { trans } = this;
    this.setHidden(mode === null);
    if (mode === null) {
      return;
    }
    this.device.textContent = deviceWords(mode);
    const train = mode.train
      ? trans.__('Training: dropout drops. Press to test. It counts from the next operation.')
      : trans.__('Testing: dropout rests. Press to train. It counts from the next operation.');
    const record = mode.record
      ? trans.__('A graph is recorded. Press to compute without one: nothing can learn then.')
      : trans.__('No graph is recorded, so backward() has none to walk. Press to record again.');
    show(this.train, mode.train ? trans.__('Train') : trans.__('Test'), train, mode.train);
    const words = mode.record ? trans.__('Record') : trans.__('No record');
    show(this.record, `${mode.record ? '\u25cf' : '\u25cb'} ${words}`, record, mode.record);
  }

  private readonly device: HTMLButtonElement;
  private readonly train: HTMLButtonElement;
  private readonly record: HTMLButtonElement;
}

function show(element: HTMLButtonElement, words: string, tip: string, on: boolean): void {
  element.textContent = words;
  element.title = tip;
  element.setAttribute('aria-pressed', String(on));
  element.classList.remove('mc-Mode-waiting');
}

function deviceName(device: string): string {
  return device.toUpperCase().replace('CUDA', 'GPU');
}

function deviceWords(mode: Mode): string {
  const device = deviceName(mode.device);
  return mode.memory === null ? device : `${device} ${bytes(mode.memory)}`;
}
