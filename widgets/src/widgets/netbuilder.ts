import type { RenderProps } from '@anywidget/types';

import { Child } from '../builder/child';
import type { Kind, State } from '../builder/state';
import { BuilderView } from '../builder/view';
import { keepStill, listen, tell } from '../kit';

function render({ model, el }: RenderProps): () => void {
  const view = new BuilderView(el, message => tell(model, message));
  const child = new Child(model.widget_manager);
  const graph = new Child(model.widget_manager);
  const deaf = listen(model, {
    palette: message => view.learn(message['blocks'] as Kind[]),
    state: message => view.show(message['state'] as State, message['focus'] as number | null,
      message['chosen'] as number | null),
    wrong: message =>
      view.refuse(Number(message['id']), String(message['name']), String(message['text'])),
    unread: message => view.unread(String(message['text'])),
    read: () => view.read(),
    run: message => void child.show(String(message['model']))
      .then(element => view.showRun(element, message['begins'] === true))
      .catch((error: unknown) => view.problem(`The training cannot be shown here: ${error}`)),
    graph: message => void graph.show(String(message['model']))
      .then(element => view.showGraph(element))
      .catch((error: unknown) => view.problem(`The graph cannot be shown here: ${error}`)),
    problem: message => view.problem(String(message['text']))
  });
  const forget = keepStill(model, el);
  return () => {
    forget();
    deaf();
    child.dispose();
    graph.dispose();
    view.dispose();
  };
}

export default { render };
