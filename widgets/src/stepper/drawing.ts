/** The graph of the walk: the present node is marked, what has not run yet is pale. */
import { Scene } from '../graph/scene';
import { Stage } from '../graph/stage';
import { Viewport } from '../graph/viewport';
import { COLUMN } from '../graph/layout';
import { html } from '../kit';
import type { Place } from './steps';

export class Drawing {
  readonly element: HTMLElement;
  readonly surface: SVGSVGElement;
  private readonly stage = new Stage();
  private readonly scene: Scene;
  private readonly viewport: Viewport;
  private moved = false;
  private place: Place | null = null;

  constructor(pick: (id: number) => void, tip: (id: number) => string) {
    const { boxes } = this.stage.picture;
    const ids = (key: string): readonly number[] => boxes.get(key)?.members ?? [];
    const never = (): void => undefined;
    this.scene = new Scene(this.stage, {
      pickBox: key => ids(key).slice(0, 1).forEach(pick),
      foldFrame: never,
      stackFrame: never,
      tip: key => ids(key).map(tip).join(' ')
    });
    this.surface = this.scene.surface;
    this.surface.setAttribute('role', 'application');
    this.surface.setAttribute('aria-label',
      'The graph. Right and left arrow: a step forward or back. Home and End: the ends.');
    this.element = html('div', { class: 'mc-walk mc-graph' },
      html('div', { class: 'mc-scene' }, this.surface));
    this.viewport = new Viewport(this.surface, this.scene.world, {
      moved: () => (this.moved = true),
      resized: () => this.resized(),
      bounds: () => this.stage.arrangement.layout.bounds
    });
  }

  show(place: Place): void {
    this.place = place;
    const { stage, scene } = this;
    const first = stage.model.nodes.size === 0;
    stage.arrangement.breadth = this.viewport.columns(COLUMN) ?? stage.arrangement.breadth;
    const update = stage.apply({
      t: 'state', run: 1, title: null, scopes: [], nodes: [...place.nodes],
      backward: [...place.backward], released: [], updates: [], phase: 'idle', truncated: 0
    });
    scene.draw(update, false);
    const key = place.present === null ? null : stage.boxOf(place.present)?.key;
    scene.mark('mc-present', key ?? null);
    const waiting = [...place.waiting].flatMap(id => stage.boxOf(id)?.key ?? []);
    scene.markAll('mc-waiting', new Set(waiting));
    const { bounds, rects } = stage.arrangement.layout;
    if (first || !this.moved) this.viewport.fit(bounds, 0.6);
    const rect = rects.get(key ?? '');
    if (rect !== undefined && (this.moved || this.overflows())) this.viewport.reveal(rect);
  }

  /** Whether a part of the graph is outside of the picture. */
  private overflows(): boolean {
    const { left, right, top, bottom } = this.stage.arrangement.layout.bounds;
    const { scale } = this.viewport;
    const { clientWidth, clientHeight } = this.surface;
    return (right - left) * scale > clientWidth || (bottom - top) * scale > clientHeight;
  }

  dispose(): void {
    this.viewport.dispose();
    this.scene.dispose();
  }

  private resized(): void {
    this.moved = false;
    if (this.place !== null) this.show(this.place);
  }
}
