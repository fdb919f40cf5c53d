import type { RenderProps } from '@anywidget/types';

import { keepStill } from '../kit';
import { DeviceView } from '../device/view';

/** Switch between CPU and GPU. */
function render({ model, el }: RenderProps<Record<string, unknown>>): () => void {
  const view = new DeviceView(el, model);
  const deaf = keepStill(model, el);
  return () => {
    deaf();
    view.dispose();
  };
}

export default { render };
