import type { RenderProps } from '@anywidget/types';

import { keepStill, listen, on, tell } from '../kit';
import { STATE, WasteView } from '../waste/view';

function render({ model, el }: RenderProps): () => void {
  const view = new WasteView(el, message => tell(model, message));
  const deaf = listen(model, text => view.problem(text), {
    state: on(STATE, state => view.show(state))
  });
  const forget = keepStill(model, el);
  return () => {
    forget();
    deaf();
    view.dispose();
  };
}

export default { render };
