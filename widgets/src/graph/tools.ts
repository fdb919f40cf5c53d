/** What can be done with a run that is there: replay, comparison, table, files. */
import { html } from '../kit/dom';
import { compare, operations, type Comparison, type Operation } from './compare';
import type { Controls } from './controls';
import type { Graph } from './protocol';
import { lightsAt, ReplayRow } from './replay';
import { download, fileName, pngOf, svgText } from './save';
import type { Scene } from './scene';
import type { Stage } from './stage';
import { Table } from './table';
import { say, type Translate } from './words';

/** Lines of a comparison that are written out. */
const MOST = 12;

export class Tools {
  readonly table: Table;
  readonly replay: ReplayRow;
  readonly compared = html('div', {
    class: 'mc-compared', role: 'status', hidden: '', tabindex: 0
  });
  private reference: { run: number | null; operations: readonly Operation[] } | null = null;

  constructor(
    private readonly stage: Stage,
    private readonly scene: Scene,
    private readonly controls: Controls,
    private readonly tr: Translate
  ) {
    this.table = new Table(stage, tr);
    this.replay = new ReplayRow(stage.model, tr, count => {
      const { model } = stage;
      stage.moment = count === null ? null : lightsAt(model, this.replay.events, count);
      scene.refresh();
    });
  }

  dispose(): void {
    this.replay.dispose();
  }

  /** The graph has changed. */
  refresh(): void {
    if (!this.replay.element.hidden) {
      this.replay.open(false);
      this.controls.turn('replay', false);
    }
    this.table.refresh();
    this.mark();
  }

  showTable(on: boolean): void {
    this.table.element.hidden = !on;
    this.table.refresh();
  }

  /** Keep the present run and compare later ones with it, or stop comparing. */
  compare(on: boolean): void {
    const { model } = this.stage;
    this.reference = on ? { run: model.run, operations: this.present() } : null;
    this.compared.hidden = !on;
    const words = 'Kept: a run of {0} operations. Run the code again: what differs is marked.';
    this.compared.replaceChildren(say(this.tr, words, this.present().length));
    if (!on) this.unmark();
  }

  /** Compare with a graph that came from Python. */
  against(graph: Graph): void {
    const scopes = new Map(graph.scopes.map(scope => [scope.id, scope]));
    this.reference = { run: null, operations: operations(graph.nodes, scopes) };
    this.compared.hidden = false;
    this.controls.turn('compare', true);
    this.mark();
  }

  async save(kind: 'svg' | 'png'): Promise<void> {
    const { model, arrangement } = this.stage;
    const ground = getComputedStyle(this.scene.surface.closest('.mc-graph') ?? document.body);
    const text = svgText(this.scene.world, arrangement.layout.bounds, ground.backgroundColor);
    const content = kind === 'svg' ? new Blob([text], { type: 'image/svg+xml' })
      : await pngOf(text);
    download(fileName(model.title, kind), content);
  }

  private present(): Operation[] {
    return operations(this.stage.model.nodes.values(), this.stage.model.scopes);
  }

  private unmark(): void {
    this.stage.differences = new Map();
    this.scene.refresh();
  }

  /** Mark what this run does differently, when it is over. */
  private mark(): void {
    const { model } = this.stage;
    const { reference } = this;
    if (reference === null || reference.run === model.run || model.phase !== 'idle') return;
    const found = compare(reference.operations, this.present());
    this.stage.differences = new Map([
      ...found.added.map(each => [each.id, '+'] as const),
      ...found.changed.map(([, now]) => [now.id, '~'] as const)
    ]);
    this.scene.refresh();
    this.compared.replaceChildren(...this.report(found));
  }

  private report({ same, added, removed, changed }: Comparison): HTMLElement[] {
    const words = say(this.tr, '{0} operations alike, {1} only in the earlier run (\u2212), '
      + '{2} only in this one (+), {3} with other shapes (~)',
    same, removed.length, added.length, changed.length);
    const lines = [
      ...removed.map(each => `\u2212 ${named(each)} ${each.shapes}`),
      ...added.map(each => `+ ${named(each)} ${each.shapes}`),
      ...changed.map(([old, now]) => `~ ${named(now)} ${old.shapes} \u2192 ${now.shapes}`)
    ];
    const more = lines.length > MOST
      ? [html('li', {}, say(this.tr, 'and {0} more', lines.length - MOST))] : [];
    return [
      html('p', {}, words),
      html('ul', {}, ...lines.slice(0, MOST).map(line => html('li', {}, line)), ...more)
    ];
  }
}

function named({ label, link }: Operation): string {
  return link === '' ? label : `${label} in ${link}`;
}
