/** Nothing that the panels say gets past the translator. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TranslationBundle } from '@jupyterlab/translation';
import { JSDOM } from 'jsdom';

import { Sample } from '../graph/samples';
import { wordless, wordsIn } from '../kit/wordless';
import { Board } from './board/board';
import { LessonList, type ListEvents } from './lessons/list';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, {
  window,
  document: window.document,
  Element: window.Element,
  AbortController: window.AbortController,
  requestAnimationFrame: (run: () => void) => window.setTimeout(run),
  cancelAnimationFrame: (id: number) => window.clearTimeout(id)
});

const bare = (text: string, values: unknown[]): string =>
  wordless(text).replace(/%(\d)/g, (_, index: string) => String(values[Number(index) - 1]));
const trans = {
  __: (text: string, ...values: unknown[]) => bare(text, values),
  _n: (one: string, many: string, count: number, ...values: unknown[]) =>
    bare(count === 1 ? one : many, values)
} as unknown as TranslationBundle;

test('every word of the lessons panel is translated', () => {
  const nothing = (): void => undefined;
  const events: ListEvents = {
    open: nothing,
    startOver: nothing,
    solution: nothing,
    runChecks: nothing,
    glossary: nothing,
    teaching: nothing,
    exportClass: nothing,
    lookAgain: nothing,
    settings: nothing
  };
  const lesson = (number: number, ready: boolean) => ({
    id: `0${number}_zz`, number, title: 'zzTitle', question: 'zzQuestion', minutes: 12,
    needs: ['00_zz'], ready, exercises: [`0${number}.1`], files: []
  });
  const host = window.document.createElement('div');
  const list = new LessonList(host, events, trans);
  const right = { verdict: 'right', tries: 1 } as const;
  const state = {
    lessons: [lesson(0, true), lesson(1, true), lesson(2, false)],
    progress: {
      exercises: new Map([['00.1', right]]),
      quizzes: new Map([['00.A', right], ['00.B', right]])
    },
    copied: new Set(['00_zz', '01_zz']),
    last: '01_zz',
    teacher: true
  };
  list.show(state);
  assert.deepEqual(wordsIn(host), []);
  list.show({ ...state, lessons: [lesson(0, true)], last: null, teacher: false });
  assert.deepEqual(wordsIn(host), []);
  for (const folder of ['', 'zzfolder']) {
    list.showEmpty(folder);
    assert.deepEqual(wordsIn(host), []);
  }
});

test('every word of the tabs beside the graph is translated', async () => {
  const host = window.document.createElement('div');
  const board = new Board(host, () => undefined, trans);
  const sample = new Sample();
  const x = sample.leaf('data', 'zzx', [2, 3]);
  const W = sample.leaf('parameter', 'zzW', [4, 3], { dtypes: ['zztype'] });
  const y = sample.scope('zzfc', 'zzLinear', () =>
    sample.apply('zzlinear', '', [x, W], [2, 4], { bytes_kept: 96, seconds: 0.003 })
  );
  sample.apply('zzexp', '', [y], [2, 4], { bytes_kept: 2048, seconds: 0.001, keeps: ['y'] });
  sample.lightAll();
  for (const graph of [null, sample.graph('zztitle')]) {
    if (graph !== null) board.receive({ t: 'state', run: 1, graph });
    await new Promise(resolve => setTimeout(resolve, 20));
    for (const tab of ['memory', 'time', 'gradients'] as const) {
      board.show(tab);
      const sheet = host.querySelector<HTMLElement>('.mc-Sheet');
      assert.ok(sheet !== null && sheet.textContent !== '');
      assert.deepEqual(wordsIn(sheet).filter(word => !['KiB', 'ms'].includes(word)), [], tab);
    }
  }
  board.dispose();
});
