import type { RenderProps } from '@anywidget/types';

import { FilterView } from '../convolution/filterview';
import { NetView } from '../convolution/netview';
import { LAYER, STATE } from '../convolution/told';
import { Frame, keepStill, listen, on, tell, type Message } from '../kit';

const HINT = 'Point at a cell of the output, or walk there with the arrow keys: you see its '
  + 'window, the filter and the sum. Draw on the picture with the mouse, or with the space bar.';

function render({ model, el }: RenderProps): () => void {
  const frame = new Frame(el, { name: 'ConvExplorer', title: 'A convolution, window by window',
    hint: HINT });
  const send = (message: Message): void => tell(model, message);
  let view: FilterView | NetView | null = null;
  const deaf = listen(model, text => frame.problem(text), {
    state: on(STATE, state => {
      view?.dispose();
      view = state.filters === undefined ? new NetView(frame, state, send)
        : new FilterView(frame, state, send);
    }),
    layer: on(LAYER, layer => {
      if (view instanceof NetView) view.show(layer);
    })
  });
  const forget = keepStill(model, el);
  return () => {
    forget();
    deaf();
    view?.dispose();
    frame.dispose();
  };
}

export default { render };
