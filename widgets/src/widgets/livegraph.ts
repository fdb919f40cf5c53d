import type { RenderProps } from '@anywidget/types';

import { GraphView } from '../graph';
import { asMessage, keepStill, tell, text, tried, whole } from '../kit';

/** Draw the graph that Python sends, in a cell's output. The view asks for the first state. */
function render({ model, el }: RenderProps): () => void {
  const host = document.createElement('div');
  host.className = 'mc-LiveGraph';
  el.append(host);
  const setHeight = (): void => {
    const height = tried(whole(1, 10_000), model.get('height'), 'height');
    if (height.ok) host.style.height = `${height.value}px`;
  };
  setHeight();

  const hint = tried(text(), model.get('hint'), 'hint');
  const view = new GraphView(host, {
    send: message => tell(model, message),
    ...(hint.ok && hint.value !== '' ? { hint: hint.value } : {})
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
