import type { RenderProps } from '@anywidget/types';

import { GraphView } from '../graph';
import { asMessage, keepStill, tell } from '../kit';

interface LiveGraphState {
  hint: string;
  height: number;
}

/** Draw the graph that Python sends, in a cell's output. The view asks for the first state. */
function render({ model, el }: RenderProps<LiveGraphState>): () => void {
  const host = document.createElement('div');
  host.className = 'mc-LiveGraph';
  el.append(host);
  const setHeight = (): void => {
    host.style.height = `${model.get('height')}px`;
  };
  setHeight();

  const hint = model.get('hint');
  const view = new GraphView(host, {
    send: message => tell(model, message),
    ...(hint === '' ? {} : { hint })
  });
  const receive = (message: unknown): void => {
    if (asMessage(message)?.t !== 'still') view.receive(message);
  };
  model.on('msg:custom', receive);
  model.on('change:height', setHeight);
  const forget = keepStill(model, el);

  return () => {
    forget();
    model.off('msg:custom', receive);
    model.off('change:height', setHeight);
    view.dispose();
    host.remove();
  };
}

export default { render };
