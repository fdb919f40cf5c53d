/** Where the originals of the lessons lie: in a folder, or with the extension. */
import type { Contents } from '@jupyterlab/services';

import { join } from './course';

export interface Originals {
  /** The folder, as the file browser names it; null where the file browser does not reach them. */
  readonly folder: string | null;
  text(path: string): Promise<string>;
  notebook(path: string): Promise<unknown>;
  base64(path: string): Promise<string>;
}

/** Lessons in a folder of the student's: a clone, or what a teacher has handed out. */
export class InFolder implements Originals {
  constructor(
    private readonly files: Pick<Contents.IManager, 'get'>,
    readonly folder: string
  ) {}

  async text(path: string): Promise<string> {
    const content = await this.get(path, { type: 'file', format: 'text', content: true });
    return typeof content === 'string' ? content : '';
  }

  async notebook(path: string): Promise<unknown> {
    return this.get(path, { type: 'notebook', content: true });
  }

  async base64(path: string): Promise<string> {
    const content = await this.get(path, { type: 'file', format: 'base64', content: true });
    return typeof content === 'string' ? content : '';
  }

  private async get(path: string, options: Contents.IFetchOptions): Promise<unknown> {
    return (await this.files.get(join(this.folder, path), options)).content;
  }
}

/** Lessons that were installed with the extension: JupyterLab serves them beside its code. */
export class Shipped implements Originals {
  readonly folder = null;

  constructor(private readonly address: string) {}

  async text(path: string): Promise<string> {
    return (await this.fetch(path)).text();
  }

  async notebook(path: string): Promise<unknown> {
    return (await this.fetch(path)).json();
  }

  async base64(path: string): Promise<string> {
    const bytes = new Uint8Array(await (await this.fetch(path)).arrayBuffer());
    return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
  }

  private async fetch(path: string): Promise<Response> {
    const answer = await fetch(`${this.address}/${path}`);
    if (!answer.ok) {
      throw new Error(`${path}: ${answer.status} ${answer.statusText}`);
    }
    return answer;
  }
}
