/** One of minichain's errors, taken apart: what was wanted, what came, where, what helps. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';

import { button, html } from '../../kit/dom';
import { fieldsOf } from '../fields';
import { sentence } from '../sentence';
import type { Draw } from './renderer';

type Commands = JupyterFrontEnd['commands'];

/** A command of the graph panel, which can be disabled. */
const SHOW_NODE = 'minichain:show-node';
const LONGEST = 600;

export function drawExplanation(trans: TranslationBundle, commands: Commands): Draw {
  return (host, data) => {
    const it = fieldsOf(data);
    const text = (name: string): string => {
      const value = it[name];
      return typeof value === 'string' ? value.slice(0, LONGEST) : '';
    };
    const said = (name: string): string => sentence(trans, it[name]);
    const known = it['format'] === 'minichain-error' && it['version'] === 3;
    const box = html('section', { class: 'mc-Explain mc-kit' });
    host.append(box);
    if (!known) {
      box.append(trans.__('This explanation comes from another version of minichain.'));
      return () => box.remove();
    }
    box.append(html('h4', {}, trans.__('%1, explained', text('kind'))));
    const facts = html('dl', {});
    const add = (term: string, value: string): void => {
      if (value !== '') {
        facts.append(html('dt', {}, term), html('dd', {}, value));
      }
    };
    const wanted = text('wanted');
    add(trans.__('Wanted'), wanted === '' ? '' : trans.__(wanted));
    add(trans.__('Given'), text('given'));
    add(trans.__('Because'), said('why'));
    if (wanted === '') {
      add(trans.__('What happened'), said('what') || text('sentence'));
    }
    add(trans.__('In the link'), text('link'));
    add(trans.__('At'), said('where'));
    add(trans.__('To try'), said('advice'));
    box.append(facts);
    const { node, run } = it;
    const canShow = commands.hasCommand(SHOW_NODE);
    if (canShow && typeof node === 'number' && typeof run === 'number') {
      const tip = trans.__('Select the operation that failed in the live graph');
      const show = (): void => void commands.execute(SHOW_NODE, { id: node, run });
      box.append(button('mc-Explain-show', tip, trans.__('Show the Place in the Graph'), show));
    }
    return () => box.remove();
  };
}
