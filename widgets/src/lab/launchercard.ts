/** Cards in JupyterLab's launcher, which is where a first look begins. */
import type { ILauncher } from '@jupyterlab/launcher';
import { type ITranslator, nullTranslator } from '@jupyterlab/translation';

/** Add a card behind the terminal's: a group of its own would be the last, below the window. */
export function addCard(
  launcher: ILauncher | null,
  translator: ITranslator | null,
  card: Pick<ILauncher.IItemOptions, 'command' | 'args'>
): void {
  const category = (translator ?? nullTranslator).load('jupyterlab').__('Other');
  launcher?.add({ ...card, category, rank: 0.5 });
}
