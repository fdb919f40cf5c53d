import type { RenderProps } from '@anywidget/types';

import type { Kind, State } from '../builder/state';
import { BuilderView } from '../builder/view';
import { listen } from '../kit';

function render({ model, el }: RenderProps): () => void {
  const view = new BuilderView(el, message => model.send(message));
  const deaf = listen(model, {
    palette: message => view.learn(message['blocks'] as Kind[]),
    state: message => view.show(message['state'] as State, message['focus'] as number | null,
      message['chosen'] as number | null),
    wrong: message =>
      view.refuse(Number(message['id']), String(message['name']), String(message['text'])),
    unread: message => view.unread(String(message['text'])),
    read: () => view.read(),
    problem: message => view.problem(String(message['text']))
  });
  return () => {
    deaf();
    view.dispose();
  };
}

export default { render };
