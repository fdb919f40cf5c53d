/** A line between two blocks, with what flows along it. New blocks can come here. */
import { html } from '../kit';
import { samePlace, type Edge, type Place } from './state';

export const DRAGGED = 'application/x-minichain-block';
export const DRAGGED_KIND = 'application/x-minichain-kind';

const COST = 'Weights that the block before this edge learns; its multiplications, each with an '
  + 'addition, for one example; the memory of what flows here for a batch';

export class EdgeView {
  readonly element = html('div', { class: 'mc-wire' });
  private place: Place = { parent: null, index: 0, lane: 0 };

  constructor(choose: (place: Place) => void) {
    this.element.addEventListener('click', event => {
      event.stopPropagation();
      choose(this.place);
    });
  }

  /** `instead`: what is said where no shape is known. */
  show(place: Place, edge: Edge | null, cost: string, instead = ''): void {
    this.place = place;
    const shape = html('span', { class: 'mc-shape-text' }, edge?.shape ?? instead);
    const more = edge === null ? '' : [cost, edge.memory].filter(part => part !== '').join(', ');
    this.element.title = edge === null ? '' : `${edge.words}. Press here to put the next block `
      + 'here, or drop one.';
    this.element.replaceChildren(shape, html('span', { class: 'mc-cost', title: COST }, more),
      html('span', { class: 'mc-hereword' }, 'the next block comes here'));
  }

  /** Something is dragged over it. */
  over(wanted: boolean): void {
    this.element.classList.toggle('mc-over', wanted);
  }

  /** New blocks come here. */
  here(place: Place | null): void {
    this.element.classList.toggle('mc-here', place !== null && samePlace(place, this.place));
  }
}
