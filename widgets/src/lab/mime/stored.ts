/** A stored graph: from a notebook's output, or from a file. Anybody may have written it. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { type FrontMessage, GraphView } from '../../graph';
import { MAX_NODES } from '../../graph/model';
import { parseGraph } from '../../graph/protocol';
import { bytes } from '../../graph/words';
import { html } from '../../kit/dom';
import type { Draw } from './renderer';

/** Longer texts are not even read. */
export const LONGEST = 5_000_000;

/** The graph in a text or an object, ready for the view; or a sentence on what is wrong. */
export function readStored(
  data: unknown,
  trans: Pick<TranslationBundle, '__'>
): { graph: unknown } | { problem: string } {
  let graph = data;
  if (typeof data === 'string') {
    if (data.length > LONGEST) {
      const [size, most] = [bytes(data.length), bytes(LONGEST)];
      return { problem: trans.__('This graph takes %1; at most %2 are drawn.', size, most) };
    }
    try {
      graph = JSON.parse(data);
    } catch {
      return { problem: trans.__('This is no JSON, or a part of it is missing.') };
    }
  }
  const nodes = (graph as { nodes?: unknown } | null)?.nodes;
  if (Array.isArray(nodes) && nodes.length > MAX_NODES) {
    return {
      problem: trans.__('This graph has %1 nodes; at most %2 are drawn.', nodes.length, MAX_NODES)
    };
  }
  const parsed = parseGraph(graph);
  if (!parsed.ok) {
    return { problem: parsed.error };
  }
  const title = parsed.value.title ?? trans.__('Stored graph');
  return { graph: { ...(graph as object), title } };
}

export function drawStored(trans: TranslationBundle): Draw {
  return (host, data) => {
    const stored = readStored(data, trans);
    if ('problem' in stored) {
      const words = trans.__('This graph cannot be shown.');
      const message = html('div', { class: 'mc-Stored-problem', role: 'note' });
      message.append(html('strong', {}, words), ' ', stored.problem);
      host.append(message);
      return () => message.remove();
    }
    const frame = html('div', { class: 'mc-Stored' });
    host.append(frame);
    const view: GraphView = new GraphView(frame, {
      send: (message: FrontMessage) => {
        if (message.t === 'ask') {
          const { id, what } = message;
          const text = trans.__('A stored graph holds no values.');
          view.receive({ t: 'answer', id, what, data: null, text });
        }
      },
      hint: trans.__('A stored graph: it shows what was computed when it was saved.'),
      translate: text => trans.__(text)
    });
    view.receive({ t: 'state', run: 0, graph: stored.graph });
    return () => {
      view.dispose();
      frame.remove();
    };
  };
}
