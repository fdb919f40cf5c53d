import type { AnyModel, RenderProps } from '@anywidget/types';

import { GraphView } from '../graph';

interface LiveGraphState {
  hint: string;
  height: number;
}

/** Draw the graph that Python sends, in a cell's output. */
function render({ model, el }: RenderProps<LiveGraphState>): () => void {
  const host = document.createElement('div');
  host.className = 'mc-LiveGraph';
  host.style.height = `${model.get('height')}px`;
  el.append(host);

  const hint = model.get('hint');
  const view = new GraphView(host, {
    send: message => model.send(message),
    ...(hint === '' ? {} : { hint })
  });
  const receive: Parameters<AnyModel<LiveGraphState>['on']>[1] = message => view.receive(message);
  model.on('msg:custom', receive);
  model.send({ t: 'ready' });

  return () => {
    model.off('msg:custom', receive);
    view.dispose();
    host.remove();
  };
}

export default { render };
