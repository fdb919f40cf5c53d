/** The files of a course, through Jupyter's contents service. */
import type { Contents } from '@jupyterlab/services';

import {
  copiesOf,
  COURSE_FILE,
  GLOSSARY,
  join,
  type Lesson,
  noProgress,
  NOTEBOOK,
  parseLessons,
  parseProgress,
  type Progress,
  PROGRESS_FILE,
  relink,
  sisters,
  SOLUTION,
  SOLUTIONS,
  TEACHING,
  unlink
} from './course';
import { InFolder, type Originals, Shipped } from './originals';

export type Files = Pick<Contents.IManager, 'get' | 'save'>;

const NO_PROGRESS = { format: 'minichain-progress', version: 1, exercises: {}, quizzes: {} };
/** Progress files of a class that are read at most. */
const MOST_STUDENTS = 2_000;

/**
 * Look for the lessons: in the folder of the setting; or where a clone or a course has them, and
 * then at the address where those are that were installed with the extension.
 */
export async function findCourse(
  files: Files,
  setting: string,
  address: string | null = null
): Promise<Course | null> {
  const wanted = setting.replace(/^\/+|\/+$/g, '');
  for (const folder of wanted === '' ? await likely(files) : [wanted]) {
    if (!(await names(files, folder)).has(COURSE_FILE)) {
      continue;
    }
    const lessons = parseLessons(await text(files, join(folder, COURSE_FILE)));
    if (lessons !== null) {
      return new Course(files, new InFolder(files, folder), lessons);
    }
  }
  if (wanted !== '' || address === null) {
    return null;
  }
  const shipped = new Shipped(address);
  const lessons = parseLessons(await shipped.text(COURSE_FILE).catch(() => ''));
  return lessons === null ? null : new Course(files, shipped, lessons);
}

/** Folders that may hold the lessons. They are listed, so that no missing file is asked for. */
async function likely(files: Files): Promise<string[]> {
  const top = await names(files, '');
  const clones = [...top].filter(name => /minichain/i.test(name));
  const found = ['', ...(top.has('lessons') ? ['lessons'] : [])];
  for (const clone of clones) {
    const inside = await names(files, clone);
    found.push(clone, ...(inside.has('lessons') ? [join(clone, 'lessons')] : []));
  }
  return found;
}

/** The names in a folder; none if it is a file or cannot be read. */
async function names(files: Files, folder: string): Promise<Set<string>> {
  return new Set((await entries(files, folder)).map(entry => entry.name));
}

/** The same for a folder that may be missing: then the server is not asked for it. */
async function namesIfThere(files: Files, folder: string): Promise<Set<string>> {
  const parts = folder.split('/');
  const name = parts.pop() ?? '';
  const there = name === '' || (await names(files, parts.join('/'))).has(name);
  return there ? names(files, folder) : new Set();
}

async function entries(files: Files, folder: string): Promise<Contents.IModel[]> {
  try {
    const found = await files.get(folder, { content: true });
    return found.type === 'directory' ? (found.content as Contents.IModel[]) : [];
  } catch {
    return [];
  }
}

async function text(files: Files, path: string): Promise<string> {
  return new InFolder(files, '').text(path);
}

export class Course {
  /** Where the student's copies lie. */
  readonly copies: string;

  constructor(
    private readonly files: Files,
    private readonly originals: Originals,
    readonly lessons: readonly Lesson[]
  ) {
    this.copies = copiesOf(originals.folder ?? '');
  }

  /** The folder of the originals; null if they came with the installation. */
  get folder(): string | null {
    return this.originals.folder;
  }

  lesson(id: string): Lesson | null {
    return this.lessons.find(lesson => lesson.id === id) ?? null;
  }

  copyPath(id: string): string {
    return join(this.copies, id, NOTEBOOK);
  }

  /** The lessons of which the student has a copy. */
  async copied(): Promise<Set<string>> {
    const found = await namesIfThere(this.files, this.copies);
    return new Set([...found].filter(name => this.lesson(name) !== null));
  }

  /** The student's progress; what was solved in the originals counts until there are copies. */
  async progress(): Promise<Progress> {
    for (const folder of [this.copies, ...(this.folder === null ? [] : [this.folder])]) {
      if ((await namesIfThere(this.files, folder)).has(PROGRESS_FILE)) {
        return parseProgress(await text(this.files, join(folder, PROGRESS_FILE)));
      }
    }
    return noProgress();
  }

  /**
   * See to it that the student has a copy of this lesson, and of those to which its text leads, so
   * that no link in it is dead. Resolves with the path of the copy. Where it is made now, it begins
   * with what has become of the original on the page.
   */
  async prepare(id: string, onPage?: unknown): Promise<string> {
    await this.makeFolder();
    const notebook = await this.copy(id, onPage);
    const linked = notebook === null ? [] : sisters(notebook);
    for (const sister of linked.filter(each => this.lesson(each)?.ready)) {
      await this.copy(sister);
    }
    return this.copyPath(id);
  }

  /** Put the original in the place of the copy. Resolves with the path of the backup. */
  async startOver(id: string, now = new Date()): Promise<string> {
    const path = this.copyPath(id);
    const old = await this.files.get(path, { type: 'notebook', content: true });
    const taken = await names(this.files, join(this.copies, id));
    const name = freeName(`lesson-before-${stamp(now)}`, '.ipynb', taken);
    const backup = join(this.copies, id, name);
    await this.saveNotebook(backup, old.content);
    await this.saveNotebook(path, this.relinked(id, await this.original(id)));
    return backup;
  }

  /** The path of a lesson's solutions; where the file browser does not reach them, of a copy. */
  async solution(id: string): Promise<string> {
    if (this.folder !== null) {
      return join(this.folder, id, SOLUTION);
    }
    await this.files.save(SOLUTIONS, { type: 'directory' });
    const path = join(SOLUTIONS, id, SOLUTION);
    if (!(await namesIfThere(this.files, join(SOLUTIONS, id))).has(SOLUTION)) {
      await this.files.save(join(SOLUTIONS, id), { type: 'directory' });
      await this.saveNotebook(path, await this.originals.notebook(join(id, SOLUTION)));
    }
    await this.bring(id, join(SOLUTIONS, id));
    return path;
  }

  /** The path of the glossary, or of the notes for teachers; likewise. */
  async paper(name: typeof GLOSSARY | typeof TEACHING): Promise<string> {
    if (this.folder !== null) {
      return join(this.folder, name);
    }
    const folder = name === GLOSSARY ? this.copies : SOLUTIONS;
    await this.files.save(folder, { type: 'directory' });
    const there = name === GLOSSARY ? await this.copied() : new Set<string>();
    const path = join(folder, name);
    await this.saveText(path, unlink(await this.originals.text(name), there));
    return path;
  }

  /** The progress files in a folder and in the folders inside it, by the students' names. */
  async students(folder: string): Promise<{ name: string; progress: Progress }[]> {
    const found: { name: string; progress: Progress }[] = [];
    const take = async (path: string, name: string): Promise<void> => {
      if (found.length < MOST_STUDENTS) {
        found.push({ name, progress: parseProgress(await text(this.files, path)) });
      }
    };
    for (const entry of await entries(this.files, folder)) {
      if (entry.type === 'directory') {
        for (const inside of await entries(this.files, entry.path)) {
          if (isProgressFile(inside)) {
            await take(inside.path, entry.name);
          }
        }
      } else if (isProgressFile(entry)) {
        await take(entry.path, entry.name.replace(/\.json$/, ''));
      }
    }
    return found.sort((one, other) => one.name.localeCompare(other.name));
  }

  async saveText(path: string, content: string): Promise<void> {
    await this.files.save(path, { type: 'file', format: 'text', content });
  }

  /** The folder of the copies, with a progress file, so that exercises note their results in it. */
  private async makeFolder(): Promise<void> {
    await this.files.save(this.copies, { type: 'directory' });
    if ((await names(this.files, this.copies)).has(PROGRESS_FILE)) {
      return;
    }
    const { folder } = this;
    const before = folder !== null && (await names(this.files, folder)).has(PROGRESS_FILE);
    const content = before
      ? await text(this.files, join(folder, PROGRESS_FILE))
      : `${JSON.stringify(NO_PROGRESS, null, 1)}\n`;
    await this.saveText(join(this.copies, PROGRESS_FILE), content);
  }

  /** Copy a lesson that was not copied yet; resolves with the original. */
  private async copy(id: string, onPage?: unknown): Promise<unknown> {
    const folder = join(this.copies, id);
    const original = await this.original(id);
    const made = (await this.copied()).has(id) && (await names(this.files, folder)).has(NOTEBOOK);
    if (!made) {
      await this.files.save(folder, { type: 'directory' });
      await this.saveNotebook(this.copyPath(id), this.relinked(id, onPage ?? original));
    }
    await this.bring(id, folder);
    return original;
  }

  /** See to it that a folder has the files that the notebooks of a lesson read. */
  private async bring(id: string, folder: string): Promise<void> {
    const wanted = this.lesson(id)?.files ?? [];
    const there = wanted.length > 0 ? await names(this.files, folder) : new Set<string>();
    for (const name of wanted.filter(each => !there.has(each))) {
      const content = await this.originals.base64(join(id, name));
      await this.files.save(join(folder, name), { type: 'file', format: 'base64', content });
    }
  }

  private async original(id: string): Promise<unknown> {
    return this.originals.notebook(join(id, NOTEBOOK));
  }

  private relinked(id: string, notebook: unknown): unknown {
    const { folder } = this;
    return folder === null ? notebook : relink(notebook, join(folder, id), join(this.copies, id));
  }

  private async saveNotebook(path: string, content: unknown): Promise<void> {
    await this.files.save(path, { type: 'notebook', format: 'json', content });
  }
}

function isProgressFile(entry: Contents.IModel): boolean {
  return entry.type === 'file' && entry.name.endsWith('.json') && entry.name !== COURSE_FILE;
}

function stamp(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}`;
}

function freeName(stem: string, ending: string, taken: ReadonlySet<string>): string {
  let name = stem + ending;
  for (let number = 2; taken.has(name); number += 1) {
    name = `${stem}-${number}${ending}`;
  }
  return name;
}

