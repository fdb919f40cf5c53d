import type { RenderProps } from '@anywidget/types';

import { keepStill } from '../kit';
import { StepperView } from '../stepper/view';

/** Walk through a graph, forward and backward. */
function render({ model, el }: RenderProps): () => void {
  const view = new StepperView(el, model);
  const deaf = keepStill(model, el);
  return () => {
    deaf();
    view.dispose();
  };
}

export default { render };
