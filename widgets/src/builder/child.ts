/** The picture of another widget inside of this one, by way of the front end's widget manager. */

interface View {
  readonly el: HTMLElement;
  remove(): void;
}

/** What every widget manager of Jupyter can do, beyond what anywidget's types promise. */
interface Manager {
  get_model(id: string): Promise<unknown>;
  create_view(model: unknown): Promise<View>;
}

export class Child {
  private view: View | null = null;
  private id = '';

  constructor(private readonly manager: unknown) {}

  /** The element of a widget; null if it is shown already. */
  async show(id: string): Promise<HTMLElement | null> {
    if (id === this.id) return null;
    this.id = id;
    const manager = this.manager as Manager;
    const view = await manager.create_view(await manager.get_model(id));
    if (id !== this.id) {
      view.remove();
      return null;
    }
    this.view?.remove();
    this.view = view;
    return view.el;
  }

  dispose(): void {
    this.id = '';
    this.view?.remove();
    this.view = null;
  }
}
