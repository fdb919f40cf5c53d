import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Files, findCourse } from './shelf';

const LESSONS = JSON.stringify(
  ['00_start', '01_graph'].map((id, number) => ({
    id,
    number,
    title: id,
    question: '?',
    minutes: 10,
    needs: [],
    ready: true,
    exercises: [],
    files: number === 1 ? ['weights.npz'] : []
  }))
);

const BOOK = {
  nbformat: 4,
  cells: [{ cell_type: 'markdown', source: '[next](../01_graph/lesson.ipynb) ![](a.png)' }]
};

/** A contents service in memory; asking for what is missing fails, as on a server. */
function disk(stored: Record<string, unknown>): {
  files: Files;
  all: Map<string, unknown>;
  missing: string[];
} {
  const missing: string[] = [];
  const all = new Map(Object.entries(stored));
  const folders = new Set(['']);
  const addFolders = (path: string): void => {
    const parts = path.split('/').slice(0, -1);
    parts.forEach((_, index) => folders.add(parts.slice(0, index + 1).join('/')));
  };
  [...all.keys()].forEach(addFolders);
  const nameOf = (path: string): string => path.split('/').at(-1) ?? '';
  const files = {
    get: (path: string, options?: { content?: boolean }) => {
      if (folders.has(path)) {
        const start = path === '' ? '' : `${path}/`;
        const content = [...folders, ...all.keys()]
          .filter(each => each !== '' && each.startsWith(start))
          .filter(each => !each.slice(start.length).includes('/') && each !== path)
          .map(each => ({
            name: nameOf(each),
            path: each,
            type: folders.has(each) ? 'directory' : 'file'
          }));
        return Promise.resolve({ type: 'directory', content });
      }
      if (!all.has(path)) {
        missing.push(path);
        return Promise.reject(new Error(`404: ${path}`));
      }
      const content = options?.content === true ? all.get(path) : null;
      return Promise.resolve({ type: 'file', content });
    },
    save: (path: string, model: { type: string; content?: unknown }) => {
      addFolders(path);
      if (model.type === 'directory') {
        folders.add(path);
      } else {
        all.set(path, model.content);
      }
      return Promise.resolve({});
    }
  };
  return { files: files as unknown as Files, all, missing };
}

function clone(folder: string): ReturnType<typeof disk> {
  return disk({
    [`${folder}lessons.json`]: LESSONS,
    [`${folder}00_start/lesson.ipynb`]: BOOK,
    [`${folder}01_graph/lesson.ipynb`]: { nbformat: 4, cells: [] },
    [`${folder}01_graph/weights.npz`]: 'UEsDBA=='
  });
}

test('lessons are found in a clone, in their own folder, where the setting says', async () => {
  for (const folder of ['lessons/', '', 'minichain-main/lessons/', 'my_minichain/']) {
    const course = await findCourse(clone(folder).files, '');
    assert.equal(course?.folder, folder.slice(0, -1));
  }
  const hidden = clone('teaching/2026/');
  assert.equal(await findCourse(hidden.files, ''), null);
  assert.equal((await findCourse(hidden.files, '/teaching/2026/'))?.lessons.length, 2);
  assert.equal(await findCourse(disk({ 'lessons/lessons.json': '{' }).files, ''), null);
});

test('a copy is made once, with what it leads to and a place for progress', async () => {
  const { files, all } = clone('lessons/');
  const course = await findCourse(files, '');
  assert.equal(await course?.prepare('00_start'), 'my-lessons/00_start/lesson.ipynb');
  const made = [...all.keys()].filter(path => path.startsWith('my-lessons/'));
  assert.deepEqual(made.sort(), [
    'my-lessons/00_start/lesson.ipynb',
    'my-lessons/01_graph/lesson.ipynb',
    'my-lessons/01_graph/weights.npz',
    'my-lessons/minichain-progress.json'
  ]);
  assert.match(JSON.stringify(all.get('my-lessons/00_start/lesson.ipynb')), /lessons\/00_start\/a/);
  assert.deepEqual(all.get('lessons/00_start/lesson.ipynb'), BOOK);
  all.set('my-lessons/00_start/lesson.ipynb', 'worked on');
  await course?.prepare('00_start');
  assert.equal(all.get('my-lessons/00_start/lesson.ipynb'), 'worked on');
  assert.deepEqual([...((await course?.copied()) ?? [])], ['00_start', '01_graph']);
});

test('lessons that came with the extension are copied with all that they need', async context => {
  const { files, all, missing } = disk({});
  const served: Record<string, string | Uint8Array> = {
    'lessons.json': LESSONS,
    'GLOSSARY.md': 'a ([00](00_start/lesson.ipynb)), b ([01](01_graph/lesson.ipynb))',
    '00_start/lesson.ipynb': JSON.stringify({ nbformat: 4, cells: [] }),
    '01_graph/lesson.ipynb': JSON.stringify(BOOK),
    '01_graph/solution.ipynb': JSON.stringify(BOOK),
    '01_graph/weights.npz': new Uint8Array([80, 75, 3, 4])
  };
  context.mock.method(globalThis, 'fetch', async (address: string) => {
    const body = served[address.replace('/at/', '')] ?? null;
    return new Response(body as BodyInit, { status: body === null ? 404 : 200 });
  });
  assert.equal(await findCourse(files, 'elsewhere', '/at'), null);
  assert.equal(await findCourse(files, '', '/nowhere'), null);
  const course = await findCourse(files, '', '/at');
  assert.equal(course?.folder, null);
  assert.equal((await course?.copied())?.size, 0);
  assert.equal((await course?.progress())?.exercises.size, 0);
  await course?.prepare('00_start');
  assert.equal(await course?.paper('GLOSSARY.md'), 'my-lessons/GLOSSARY.md');
  assert.equal(all.get('my-lessons/GLOSSARY.md'), 'a ([00](00_start/lesson.ipynb)), b (01)');
  await course?.prepare('01_graph');
  assert.equal(all.get('my-lessons/01_graph/weights.npz'), 'UEsDBA==');
  assert.deepEqual(all.get('my-lessons/01_graph/lesson.ipynb'), BOOK);
  assert.equal(await course?.solution('01_graph'), 'solutions/01_graph/solution.ipynb');
  assert.equal(all.get('solutions/01_graph/weights.npz'), 'UEsDBA==');
  const again = await findCourse(files, '', '/at');
  assert.equal((await again?.copied())?.size, 2);
  assert.deepEqual(missing, ['elsewhere']); // a browser writes such answers to its console
});

test('starting over keeps what was there, every time', async () => {
  const { files, all } = clone('lessons/');
  const course = await findCourse(files, '');
  const now = new Date(2026, 10, 22, 9, 5);
  await course?.prepare('00_start');
  const backups: (string | undefined)[] = [];
  for (const work of ['first', 'second']) {
    all.set('my-lessons/00_start/lesson.ipynb', work);
    backups.push(await course?.startOver('00_start', now));
  }
  assert.deepEqual(backups, [
    'my-lessons/00_start/lesson-before-2026-11-22-0905.ipynb',
    'my-lessons/00_start/lesson-before-2026-11-22-0905-2.ipynb'
  ]);
  assert.deepEqual(
    backups.map(path => all.get(path ?? '')),
    ['first', 'second']
  );
  assert.match(JSON.stringify(all.get('my-lessons/00_start/lesson.ipynb')), /01_graph/);
});

test('progress from before there were copies is taken along', async () => {
  const { files, all } = clone('lessons/');
  const solved = '{"00.1": {"verdict": "right", "tries": 1}}';
  const text = `{"format":"minichain-progress","version":1,"exercises":${solved},"quizzes":{}}`;
  all.set('lessons/minichain-progress.json', text);
  const course = await findCourse(files, '');
  assert.equal((await course?.progress())?.exercises.size, 1);
  await course?.prepare('01_graph');
  assert.equal(all.get('my-lessons/minichain-progress.json'), text);
  const student = (await course?.students('my-lessons'))?.[0];
  assert.equal(student?.progress.exercises.get('00.1')?.verdict, 'right');
});
