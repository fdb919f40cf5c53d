import assert from 'node:assert/strict';
import { test } from 'node:test';

import { classTable } from './classtable';
import {
  copiesOf,
  goOnWith,
  type Lesson,
  neighbours,
  noProgress,
  parseLessons,
  parseProgress,
  placeOf,
  relink,
  sisters,
  standing,
  unlink
} from './course';

function lesson(id: string, needs: string[] = [], ready = true): Lesson {
  const number = Number(id.slice(0, 2));
  const exercises = [`${id.slice(0, 2)}.1`, `${id.slice(0, 2)}.2`];
  return { id, number, title: id, question: '?', minutes: 10, needs, ready, exercises, files: [] };
}

const LESSONS = [
  lesson('00_start'),
  lesson('01_graph', ['00_start']),
  lesson('02_later', ['01_graph'], false),
  lesson('05_conv', ['01_graph'])
];

function progress(...right: string[]): ReturnType<typeof parseProgress> {
  const entries = right.map(name => [name, { verdict: 'right', tries: 1 }]);
  const quizzes = {
    '00.A': { verdict: 'right', tries: 2 },
    '00.B': { verdict: 'wrong', tries: 1 }
  };
  const exercises = Object.fromEntries(entries);
  return parseProgress(
    JSON.stringify({ format: 'minichain-progress', version: 1, exercises, quizzes })
  );
}

test('a path says whether it is a lesson, and whether it is the student\u2019s own', () => {
  const copy = placeOf('course/my-lessons/05_conv/lesson.ipynb');
  assert.deepEqual(copy, { folder: 'course/my-lessons', id: '05_conv', kind: 'copy' });
  assert.equal(placeOf('lessons/05_conv/lesson.ipynb')?.kind, 'original');
  assert.equal(placeOf('05_conv/solution.ipynb')?.kind, 'solution');
  assert.equal(placeOf('lessons/05_conv/lesson-before-2026.ipynb'), null);
  assert.equal(placeOf('Untitled.ipynb'), null);
});

test('copies lie beside the lessons, or in them if they are all there is', () => {
  assert.equal(copiesOf('lessons'), 'my-lessons');
  assert.equal(copiesOf('a/b/lessons'), 'a/b/my-lessons');
  assert.equal(copiesOf(''), 'my-lessons');
});

test('lessons that are not as they should be are refused as a whole', () => {
  const good = JSON.stringify([LESSONS[0]]);
  assert.equal(parseLessons(good)?.[0]?.id, '00_start');
  assert.equal(parseLessons('{'), null);
  assert.equal(parseLessons('[{"id": "../../etc"}]'), null);
  assert.equal(parseLessons(good.replace('00_start', '../00_start')), null);
});

test('progress of any other form counts as none', () => {
  for (const text of ['{', '[]', '{"format": "other"}', '{"exercises": {"00.1": {}}}']) {
    assert.deepEqual(parseProgress(text), noProgress());
  }
  const odd = '{"format":"minichain-progress","version":1,"exercises":{"00.1":{"verdict":"x"}}}';
  assert.equal(parseProgress(odd).exercises.size, 0);
});

test('the standing counts solved exercises and right answers of one lesson', () => {
  const found = standing(lesson('00_start'), progress('00.1', '05.1'));
  assert.deepEqual(found, { solved: 1, exercises: 2, quiz: 1, begun: true, done: false });
  assert.equal(standing(lesson('00_start'), progress('00.1', '00.2')).done, true);
  assert.equal(standing(lesson('01_graph'), progress('00.1')).begun, false);
});

test('one goes on with the last lesson, then with the first that is prepared', () => {
  assert.equal(goOnWith(LESSONS, noProgress(), null)?.id, '00_start');
  assert.equal(goOnWith(LESSONS, noProgress(), '05_conv')?.id, '05_conv');
  assert.equal(goOnWith(LESSONS, progress('00.1', '00.2'), '00_start')?.id, '01_graph');
  const all = progress('00.1', '00.2', '01.1', '01.2', '05.1', '05.2');
  assert.equal(goOnWith(LESSONS, all, null), null);
});

test('lessons in preparation are nobody\u2019s neighbours', () => {
  const { before, after } = neighbours(LESSONS, '01_graph');
  assert.deepEqual([before?.id, after?.id], ['00_start', '05_conv']);
  assert.deepEqual(neighbours(LESSONS, '02_later'), { before: null, after: null });
});

test('links to lessons stay, others lead back to the original\u2019s folder', () => {
  const source = [
    'See [00](../00_start/lesson.ipynb#Top), [all](../README.md), [web](https://a.b/c.png),\n',
    '![plan](pictures/plan.png "A plan") [here](#here) <img src="../data/x.png">'
  ];
  const code = { cell_type: 'code', source: 'open("data.txt")  # [x](y.png)' };
  const notebook = { nbformat: 4, cells: [{ cell_type: 'markdown', source }, code] };
  const copy = relink(notebook, 'lessons/01_graph', 'my-lessons/01_graph') as typeof notebook;
  assert.equal(
    copy.cells[0]?.source,
    'See [00](../00_start/lesson.ipynb#Top), [all](../../lessons/README.md), ' +
      '[web](https://a.b/c.png),\n![plan](../../lessons/01_graph/pictures/plan.png "A plan") ' +
      '[here](#here) <img src="../../lessons/data/x.png">'
  );
  assert.deepEqual(copy.cells[1], code);
  assert.deepEqual(sisters(notebook), ['00_start']);
});

test('a text has no dead links to lessons that are not there', () => {
  const text = 'a ([05](05_conv/lesson.ipynb)), b ([06](06_x/lesson.ipynb)), [c](../README.md)';
  const found = unlink(`${text}, [d](https://a.b)`, new Set(['05_conv']));
  assert.equal(found, 'a ([05](05_conv/lesson.ipynb)), b (06), c, [d](https://a.b)');
});

test('files of a lesson lie in its folder, whatever lessons.json says', () => {
  const files = ['weights.npz', '../../etc/passwd', '/etc/passwd', '.bashrc', 'a/b.txt'];
  const [found] = parseLessons(JSON.stringify([{ ...LESSONS[0], files }])) ?? [];
  assert.deepEqual(found?.files, ['weights.npz']);
});

test('a class becomes a table without formulas', () => {
  const students = [
    { name: '=HYPERLINK("x")', progress: progress('00.1') },
    { name: 'Ada, B.', progress: noProgress() }
  ];
  const [head, first, second] = classTable(LESSONS, students).split('\r\n');
  assert.equal(head, 'student,solved,00.1,00.2,01.1,01.2,05.1,05.2,00.A,00.B');
  assert.equal(first, '"\'=HYPERLINK(""x"")",1,right,,,,,,right,wrong');
  assert.equal(second, '"Ada, B.",0,,,,,,,,');
});
