import type { RenderProps } from '@anywidget/types';

import { keepStill, listen, tell } from '../kit';
import type { Told } from '../unroller/state';
import { UnrollerView } from '../unroller/view';

function render({ model, el }: RenderProps): () => void {
  const view = new UnrollerView(el, message => tell(model, message));
  const deaf = listen(model, {
    state: message => view.show(message as unknown as Told),
    problem: message => view.problem(String(message['text']))
  });
  const forget = keepStill(model, el);
  return () => {
    forget();
    deaf();
    view.dispose();
  };
}

export default { render };
