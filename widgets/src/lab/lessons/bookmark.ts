/** Where a student is: the lesson that was open last, and in each lesson the cell. */
import type { IStateDB } from '@jupyterlab/statedb';

import { fieldsOf } from '../fields';
import { once } from '../once';

const PLACES = 'minichain:lessons:places';

interface Places {
  last: string | null;
  cells: Map<string, number>;
}

export class Bookmark {
  constructor(private readonly state: Pick<IStateDB, 'fetch' | 'save'> | null) {}

  /** The lesson that was open last; null if none was. */
  async last(): Promise<string | null> {
    return (await this.places()).last;
  }

  /** The number of the cell at which a lesson was left; 0 for a new one. */
  async cell(id: string): Promise<number> {
    return (await this.places()).cells.get(id) ?? 0;
  }

  /** The student is at this cell. Resolves with whether another lesson was open before. */
  async put(id: string, cell: number): Promise<boolean> {
    const places = await this.places();
    const isNew = places.last !== id;
    places.last = id;
    places.cells.set(id, cell);
    return isNew;
  }

  async save(): Promise<void> {
    const { last, cells } = await this.places();
    await this.state?.save(PLACES, { last, cells: Object.fromEntries(cells) });
  }

  private readonly places = once(async () => parse(await this.state?.fetch(PLACES)));
}

/** What was stored, which other versions and other people may have written. */
function parse(stored: unknown): Places {
  const { last, cells } = fieldsOf(stored);
  const known = Object.entries(fieldsOf(cells)).filter(
    (entry): entry is [string, number] => Number.isSafeInteger(entry[1]) && Number(entry[1]) >= 0
  );
  return { last: typeof last === 'string' ? last : null, cells: new Map(known) };
}
