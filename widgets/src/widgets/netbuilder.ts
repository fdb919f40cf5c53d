import type { RenderProps } from '@anywidget/types';

import { Child } from '../builder/child';
import { TOLD } from '../builder/state';
import { BuilderView } from '../builder/view';
import { anything, keepStill, listen, on, tell } from '../kit';

function render({ model, el }: RenderProps): () => void {
  const view = new BuilderView(el, message => tell(model, message));
  const child = new Child(model.widget_manager);
  const graph = new Child(model.widget_manager);
  const inside = new Child(model.widget_manager);
  const problem = (text: string): void => view.problem(text);
  const deaf = listen(model, problem, {
    palette: on(TOLD.palette, ({ blocks }) => view.learn(blocks)),
    state: on(TOLD.state, ({ state, focus, chosen }) => view.show(state, focus, chosen)),
    wrong: on(TOLD.wrong, ({ id, name, text }) => view.refuse(id, name, text)),
    unread: on(TOLD.unread, ({ text }) => view.unread(text)),
    read: on(anything, () => view.read()),
    run: on(TOLD.run, ({ model: id, begins }) => void child.show(id)
      .then(element => view.showRun(element, begins))
      .catch((error: unknown) => problem(`The training cannot be shown here: ${error}`))),
    graph: on(TOLD.shown, ({ model: id, code, begins }) => void graph.show(id)
      .then(element => view.showGraph(element, code, begins))
      .catch((error: unknown) => problem(`The graph cannot be shown here: ${error}`))),
    apart: on(TOLD.shown, ({ model: id, code, begins }) => void inside.show(id)
      .then(element => view.showInside(element, code, begins))
      .catch((error: unknown) => problem(`The net cannot be taken apart here: ${error}`)))
  });
  const forget = keepStill(model, el);
  return () => {
    forget();
    deaf();
    child.dispose();
    graph.dispose();
    inside.dispose();
    view.dispose();
  };
}

export default { render };
