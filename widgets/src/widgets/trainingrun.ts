import type { RenderProps } from '@anywidget/types';

import { keepStill } from '../kit';
import { TrainingView } from '../training/view';

/** Watch and steer a training. */
function render({ model, el }: RenderProps<Record<string, unknown>>): () => void {
  const view = new TrainingView(el, model);
  const deaf = keepStill(model, el);
  return () => {
    deaf();
    view.dispose();
  };
}

export default { render };
