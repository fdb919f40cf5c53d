import type { RenderProps } from '@anywidget/types';

import { DeviceView } from '../device/view';

/** Switch between CPU and GPU. */
function render({ model, el }: RenderProps<Record<string, unknown>>): () => void {
  const view = new DeviceView(el, model);
  return () => view.dispose();
}

export default { render };
