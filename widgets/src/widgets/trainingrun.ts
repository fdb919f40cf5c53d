import type { RenderProps } from '@anywidget/types';

import { TrainingView } from '../training/view';

/** Watch and steer a training. */
function render({ model, el }: RenderProps<Record<string, unknown>>): () => void {
  const view = new TrainingView(el, model);
  return () => view.dispose();
}

export default { render };
