/** The curriculum, a student's progress, and where the copies lie: no Jupyter, no browser. */
import { fieldsOf } from '../fields';

export interface Lesson {
  id: string;
  number: number;
  title: string;
  question: string;
  minutes: number;
  needs: string[];
  ready: boolean;
  exercises: string[];
  /** What the notebooks read, beside them in their folder. */
  files: string[];
}

export type Verdict = 'not yet' | 'wrong' | 'nearly' | 'right';

export interface Entry {
  verdict: Verdict;
  tries: number;
}

/** What minichain_widgets/progress.py writes. */
export interface Progress {
  exercises: Map<string, Entry>;
  quizzes: Map<string, Entry>;
}

export interface Standing {
  solved: number;
  exercises: number;
  /** Quiz questions that were answered rightly. */
  quiz: number;
  begun: boolean;
  done: boolean;
}

export const COURSE_FILE = 'lessons.json';
export const PROGRESS_FILE = 'minichain-progress.json';
export const NOTEBOOK = 'lesson.ipynb';
export const SOLUTION = 'solution.ipynb';
export const GLOSSARY = 'GLOSSARY.md';
export const TEACHING = 'TEACHING.md';
/** The students' copies lie in this folder, in the same order as the originals. */
export const COPIES = 'my-lessons';
/** What a teacher opens of lessons that came with the installation. */
export const SOLUTIONS = 'solutions';

const VERDICTS: readonly string[] = ['not yet', 'wrong', 'nearly', 'right'];
const LESSON_ID = /^\d\d_\w{1,80}$/;
const FILE_NAME = /^\w[\w-]{0,80}\.\w{1,10}$/;
const LESSON_PATH = /^(?:(.*)\/)?(\d\d_\w{1,80})\/(lesson|solution)\.ipynb$/;
const MOST_LESSONS = 200;

export interface Place {
  /** The folder with all lessons. */
  folder: string;
  id: string;
  kind: 'copy' | 'original' | 'solution';
}

/** Which lesson a notebook is, as its path says; null for any other notebook. */
export function placeOf(path: string): Place | null {
  const found = LESSON_PATH.exec(path);
  const id = found?.[2];
  if (found === null || id === undefined) {
    return null;
  }
  const folder = found[1] ?? '';
  const copy = folder === COPIES || folder.endsWith(`/${COPIES}`);
  const kind = found[3] === 'solution' ? 'solution' : copy ? 'copy' : 'original';
  return { folder, id, kind };
}

export function join(...parts: string[]): string {
  return parts.filter(part => part !== '').join('/');
}

/** Where the copies of the lessons of a folder lie: beside it, or in it if it is the root. */
export function copiesOf(folder: string): string {
  return join(folder.split('/').slice(0, -1).join('/'), COPIES);
}

/** The lessons in a lessons.json; null if the text is something else. */
export function parseLessons(text: string): Lesson[] | null {
  const value = parse(text);
  if (!Array.isArray(value) || value.length > MOST_LESSONS) {
    return null;
  }
  const lessons = value.map(lessonOf);
  return lessons.every(lesson => lesson !== null) ? lessons : null;
}

function lessonOf(value: unknown): Lesson | null {
  const it = fieldsOf(value);
  const { id, number, title, question, minutes } = it;
  if (
    typeof id !== 'string' ||
    !LESSON_ID.test(id) ||
    typeof number !== 'number' ||
    typeof title !== 'string' ||
    typeof question !== 'string' ||
    typeof minutes !== 'number'
  ) {
    return null;
  }
  const needs = texts(it['needs']);
  const exercises = texts(it['exercises']);
  const files = texts(it['files']).filter(name => FILE_NAME.test(name));
  const ready = it['ready'] === true;
  return { id, number, title, question, minutes, needs, exercises, files, ready };
}

/** The progress in a file; empty if the text is something else. */
export function parseProgress(text: string): Progress {
  const it = fieldsOf(parse(text));
  const known = it['format'] === 'minichain-progress' && it['version'] === 1;
  return {
    exercises: entries(known ? it['exercises'] : null),
    quizzes: entries(known ? it['quizzes'] : null)
  };
}

export function noProgress(): Progress {
  return { exercises: new Map(), quizzes: new Map() };
}

function entries(value: unknown): Map<string, Entry> {
  const found = new Map<string, Entry>();
  for (const [name, entry] of Object.entries(fieldsOf(value))) {
    const { verdict, tries } = fieldsOf(entry);
    if (typeof verdict === 'string' && VERDICTS.includes(verdict)) {
      found.set(name, {
        verdict: verdict as Verdict,
        tries: typeof tries === 'number' && Number.isSafeInteger(tries) ? tries : 0
      });
    }
  }
  return found;
}

/** How far a student is in a lesson. */
export function standing(lesson: Lesson, progress: Progress): Standing {
  const mine = `${lesson.id.slice(0, 2)}.`;
  const answers = [...progress.quizzes].filter(([name]) => name.startsWith(mine));
  const tried = [...progress.exercises.keys()].some(name => name.startsWith(mine));
  const solved = lesson.exercises.filter(
    name => progress.exercises.get(name)?.verdict === 'right'
  ).length;
  return {
    solved,
    exercises: lesson.exercises.length,
    quiz: answers.filter(([, entry]) => entry.verdict === 'right').length,
    begun: tried || answers.length > 0,
    done: lesson.exercises.length > 0 && solved === lesson.exercises.length
  };
}

/**
 * The lesson to go on with: the one that was open last, unless it is done; then the first one that
 * is not done and whose forerunners are.
 */
export function goOnWith(
  lessons: readonly Lesson[],
  progress: Progress,
  last: string | null
): Lesson | null {
  const ready = lessons.filter(lesson => lesson.ready);
  const done = new Set(
    ready.filter(lesson => standing(lesson, progress).done).map(lesson => lesson.id)
  );
  const open = ready.filter(lesson => !done.has(lesson.id));
  const known = new Set(ready.map(lesson => lesson.id));
  const prepared = (lesson: Lesson): boolean =>
    lesson.needs.every(id => done.has(id) || !known.has(id));
  return open.find(lesson => lesson.id === last) ?? open.find(prepared) ?? open[0] ?? null;
}

/** The lessons before and after one, of those that are ready. */
export function neighbours(
  lessons: readonly Lesson[],
  id: string
): { before: Lesson | null; after: Lesson | null } {
  const ready = lessons.filter(lesson => lesson.ready);
  const at = ready.findIndex(lesson => lesson.id === id);
  return {
    before: at < 1 ? null : (ready[at - 1] ?? null),
    after: at < 0 ? null : (ready[at + 1] ?? null)
  };
}

const LINK = /(\]\(\s*<?)([^()\s<>]+)/g;
const SOURCE = /(\bsrc\s*=\s*["'])([^"']+)/g;
const SISTER = /^\.\.\/(\d\d_\w{1,80})\/lesson\.ipynb(?:#.*)?$/;

/**
 * A lesson's notebook for another folder. Links to other lessons stay as they are, because the
 * copies lie beside each other as the originals do; every other relative link leads back to the
 * original's folder.
 */
export function relink(notebook: unknown, from: string, to: string): unknown {
  const back = [...to.split('/').map(() => '..'), from].join('/');
  const rewrite = (_: string, start: string, target: string): string =>
    start + (isRelative(target) && !SISTER.test(target) ? tidy(`${back}/${target}`) : target);
  const text = (source: string): string => source.replace(LINK, rewrite).replace(SOURCE, rewrite);
  const it = fieldsOf(notebook);
  const cells = Array.isArray(it['cells']) ? it['cells'] : [];
  return {
    ...it,
    cells: cells.map((cell: unknown) => {
      const fields = fieldsOf(cell);
      return fields['cell_type'] === 'markdown'
        ? { ...fields, source: text(sourceOf(fields)) }
        : fields;
    })
  };
}

/** A text without its links to other files, except to lessons that are there. */
export function unlink(text: string, there: ReadonlySet<string>): string {
  return text.replace(/\[([^\]]*)\]\(([^()\s]+)\)/g, (whole, words: string, target: string) =>
    isRelative(target) && !there.has(target.replace(/\/lesson\.ipynb.*$/, '')) ? words : whole
  );
}

/** The lessons to which a lesson's text leads. */
export function sisters(notebook: unknown): string[] {
  const it = fieldsOf(notebook);
  const found = new Set<string>();
  for (const cell of Array.isArray(it['cells']) ? it['cells'] : []) {
    for (const [, , target] of sourceOf(fieldsOf(cell)).matchAll(LINK)) {
      const id = SISTER.exec(target ?? '')?.[1];
      if (id !== undefined) {
        found.add(id);
      }
    }
  }
  return [...found];
}

function isRelative(target: string): boolean {
  return !/^([a-z][a-z0-9+.-]*:|\/|#)/i.test(target);
}

/** '../../lessons/05_x/../data/a.png' without the detour: '../../lessons/data/a.png'. */
function tidy(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    const last = parts.at(-1);
    if (part === '..' && last !== undefined && last !== '..') {
      parts.pop();
    } else if (part !== '.' && part !== '') {
      parts.push(part);
    }
  }
  return parts.join('/');
}

function sourceOf(cell: Record<string, unknown>): string {
  const { source } = cell;
  return typeof source === 'string' ? source : Array.isArray(source) ? source.join('') : '';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : [];
}
