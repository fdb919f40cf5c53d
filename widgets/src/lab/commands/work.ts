/** What the commands do. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { type INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { html } from '../../kit/dom';

const REPORT = `__import__('importlib').import_module('minichain_widgets.report')`;
const LAST_RESULT = `next((n for n, v in reversed(list(globals().items())) if n[:1] != '_'
    and type(v).__name__ == 'Variable' and v.creator is not None and v.data.size == 1), 'loss')`;
const NET_BUILDER = 'from minichain_widgets import NetBuilder\n\nbuilder = NetBuilder()\nbuilder';

export class Work {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly tracker: INotebookTracker,
    private readonly trans: TranslationBundle
  ) {}

  /** Insert a cell with a BackpropStepper on the last result that is one number, and run it. */
  async stepBackward(): Promise<void> {
    const panel = this.tracker.currentWidget;
    if (panel === null) {
      return;
    }
    const found = (await this.ask(panel, LAST_RESULT)) ?? '';
    const name = /^'([A-Za-z_]\w*)'$/.exec(found.trim())?.[1] ?? 'loss';
    const code = `from minichain_widgets import BackpropStepper\n\nBackpropStepper(${name})`;
    await insert(panel, code);
  }

  /** Resolves with the new notebook, which takes the place of a launcher. */
  async openNetBuilder(): Promise<NotebookPanel | null> {
    const { currentWidget } = this.tracker;
    const name = currentWidget?.sessionContext.session?.kernel?.name ?? 'python3';
    const opened: unknown = await this.app.commands.execute('notebook:create-new', {
      kernelName: name
    });
    const panel = this.tracker.find(each => each === opened);
    if (panel === undefined) {
      return null;
    }
    await panel.context.ready;
    await panel.sessionContext.ready;
    panel.content.activeCell?.model.sharedModel.setSource(NET_BUILDER);
    await NotebookActions.run(panel.content, panel.sessionContext);
    return panel;
  }

  async insertNetCode(): Promise<void> {
    const panel = this.tracker.currentWidget;
    const code =
      panel === null ? null : await this.ask(panel, `${REPORT}.builder_code(globals())`);
    if (panel === null || code === null || code.trim() === '') {
      const words = this.trans.__('No net was built in this notebook yet: run NetBuilder() first.');
      Notification.info(words, { autoClose: 5_000 });
      return;
    }
    await insert(panel, code, false);
  }

  async doctor(): Promise<void> {
    const { trans } = this;
    const panel = this.tracker.currentWidget;
    const found = panel === null ? null : await this.ask(panel, `${REPORT}.doctor()`);
    const none = trans.__('The kernel of this notebook has no minichain, or is not there.');
    await this.show(trans.__('Doctor'), found ?? none);
  }

  async report(): Promise<void> {
    const { trans, app } = this;
    const panel = this.tracker.currentWidget;
    const kernel = panel === null ? null : await this.ask(panel, `${REPORT}.report()`);
    const lines = [
      `${app.name} ${app.version}`,
      `browser: ${navigator.userAgent}`,
      `language: ${document.documentElement.lang || 'en'}`,
      kernel ?? trans.__('The kernel of this notebook has no minichain, or is not there.')
    ];
    await this.show(trans.__('Report'), lines.join('\n'));
  }

  /**
   * The text of an expression in a notebook's kernel, which notes nothing in its history; null if
   * there is none. A busy kernel answers when the cell has ended.
   */
  private async ask(panel: NotebookPanel, expression: string): Promise<string | null> {
    const kernel = panel.sessionContext.session?.kernel;
    if (kernel == null) {
      return null;
    }
    if (kernel.status === 'busy') {
      const words = this.trans.__('The kernel is busy. It answers when the cell has ended.');
      Notification.info(words, { autoClose: 5_000 });
    }
    const future = kernel.requestExecute({
      code: '',
      silent: true,
      store_history: false,
      user_expressions: { it: expression }
    });
    // A restart cancels the question, and a dead kernel refuses it.
    const reply = await future.done.catch(() => null);
    const found =
      reply?.content.status === 'ok' ? reply.content.user_expressions['it'] : undefined;
    const { data } = (found ?? {}) as { data?: Record<string, unknown> };
    const text = data?.['text/plain'];
    return typeof text === 'string' ? text : null;
  }

  private async show(title: string, text: string): Promise<void> {
    const { trans } = this;
    const node = html('div', {}, html('pre', { class: 'mc-Dialog-text' }, text));
    const { lang } = document.documentElement;
    if (lang !== '' && !lang.startsWith('en')) {
      node.prepend(html('p', {}, trans.__('In English, so that anybody can help with it:')));
    }
    const answer = await showDialog({
      title,
      body: new Widget({ node }),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Close') }),
        Dialog.okButton({ label: trans.__('Copy') })
      ]
    });
    if (answer.button.accept) {
      Clipboard.copyToSystem(text);
    }
  }
}

/** Insert a cell below the active one, and run it. */
async function insert(panel: NotebookPanel, source: string, run = true): Promise<void> {
  const { content, sessionContext } = panel;
  NotebookActions.insertBelow(content);
  content.activeCell?.model.sharedModel.setSource(source);
  if (run) {
    await NotebookActions.run(content, sessionContext);
  }
}
