import type { RenderProps } from '@anywidget/types';

import { keepStill, listen, on, tell } from '../kit';
import { TOLD } from '../unroller/state';
import { UnrollerView } from '../unroller/view';

function render({ model, el }: RenderProps): () => void {
  const view = new UnrollerView(el, message => tell(model, message));
  const deaf = listen(model, text => view.problem(text), {
    state: on(TOLD, told => view.show(told))
  });
  const forget = keepStill(model, el);
  return () => {
    forget();
    deaf();
    view.dispose();
  };
}

export default { render };
