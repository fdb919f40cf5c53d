import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Rect } from './layout';
import { parseMessage } from './protocol';
import { chain, cnn, lstm, messages, mlp, Sample, towers } from './samples';
import { Stage } from './stage';

function play(sample: Sample, size: number, each?: (stage: Stage) => void): Stage {
  const stage = new Stage();
  for (const message of messages(sample, 1, size, false)) {
    const parsed = parseMessage(message);
    if (!parsed.ok) assert.fail(parsed.error);
    // The last message ends the run, which is when things may move.
    if (message['phase'] !== 'idle' || each === undefined) stage.apply(parsed.value);
    each?.(stage);
  }
  return stage;
}

const SAMPLES: [string, () => Sample][] = [
  ['mlp', mlp],
  ['cnn', cnn],
  ['lstm of 6 steps', () => lstm(6)],
  ['chain', () => chain(60)],
  ['diamonds', diamonds],
  ['wide', () => wide(30)],
  ['towers', () => towers(4)]
];

function diamonds(): Sample {
  const it = new Sample();
  let h = it.leaf('variable', 'x', [3]);
  for (let level = 0; level < 8; level += 1) {
    const a = it.apply('sin', 'sin', [h], [3]);
    const b = it.apply('exp', 'exp', [h], [3]);
    const c = it.scope('net', 'Net', () => it.apply('tanh', 'tanh', [a], [3]));
    h = it.apply('add', '+', [c, b], [3]);
  }
  return it;
}

function wide(branches: number): Sample {
  const it = new Sample();
  const x = it.apply('exp', 'exp', [it.leaf('variable', 'x', [3])], [3]);
  const ends = Array.from({ length: branches }, () => {
    const W = it.leaf('parameter', 'W', [3]);
    return it.apply('relu', 'relu', [it.apply('mul', '\u00d7', [x, W], [3])], [3]);
  });
  it.apply('concat', 'cat', ends, [3 * branches]);
  return it;
}

function overlaps(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

for (const [name, make] of SAMPLES) {
  test(`${name}: a box never moves while the graph grows, nor does a box of another frame`, () => {
    const seen = new Map<string, string>();
    play(make(), 1, stage => {
      for (const [key, rect] of stage.arrangement.layout.rects) {
        const place = JSON.stringify(rect);
        assert.equal(seen.get(key) ?? place, place, key);
        seen.set(key, place);
      }
    });
    assert.ok(seen.size > 10);
  });

  test(`${name}: the places do not depend on how the nodes were batched`, () => {
    const one = play(make(), 1).arrangement.layout.rects;
    const all = play(make(), 1_000).arrangement.layout.rects;
    assert.deepEqual([...one].sort(), [...all].sort());
  });

  test(`${name}: no two boxes overlap, and no frame holds a stranger`, () => {
    const { picture, arrangement } = play(make(), 1_000);
    const placed = [...arrangement.layout.rects];
    placed.forEach(([key, rect], index) => {
      for (const [other, second] of placed.slice(index + 1)) {
        assert.ok(!overlaps(rect, second), `${key} and ${other}`);
      }
    });
    for (const frame of arrangement.layout.frames.values()) {
      for (const box of picture.boxes.values()) {
        const rect = arrangement.layout.rects.get(box.key);
        if (rect === undefined || box.kind === 'leaf') continue;
        const inside = overlaps({ ...frame, over: 0 }, rect);
        assert.equal(inside, box.frames.includes(frame.id), `${box.key} and frame ${frame.id}`);
      }
    }
  });

  test(`${name}: operations stand below their inputs`, () => {
    const { picture, arrangement } = play(make(), 1_000);
    for (const line of picture.lines.values()) {
      if (line.kind !== 'flow') continue;
      const from = arrangement.layout.rects.get(line.from);
      const to = arrangement.layout.rects.get(line.to);
      assert.ok(from !== undefined && to !== undefined && to.y >= from.y + from.h, line.key);
    }
  });
}

test('a chain of an MLP is one straight column', () => {
  const { picture, arrangement } = play(mlp(), 1_000);
  const columns = new Set<number | undefined>();
  for (const box of picture.boxes.values()) {
    if (box.kind === 'function') columns.add(arrangement.layout.columns.get(box.key));
  }
  assert.deepEqual([...columns], [0]);
});

test('when the run ends, branches that run side by side are put so', () => {
  const tops = (stage: Stage): number[] =>
    [...stage.arrangement.layout.frames.values()].map(frame => frame.y);
  const growing = play(towers(4), 1_000, () => undefined);
  const [left, right] = tops(growing);
  assert.ok((right ?? 0) > (left ?? 0) + 200);
  const [first, second] = tops(play(towers(4), 1_000));
  assert.ok(Math.abs((first ?? 0) - (second ?? 0)) < 30);
});

test('a weight used again far away gets a chip, not a line across the picture', () => {
  const stage = play(lstm(6), 1_000);
  const { picture, arrangement } = stage;
  const chips = [...arrangement.chips.values()];
  assert.ok(chips.length >= 5);
  for (const chip of chips) assert.equal(picture.kindOfLeaf(chip.leaf), 'parameter');
});

test('1,600 operations are placed in time that grows evenly', () => {
  const measure = (length: number): number => {
    let best = Infinity;
    for (let turn = 0; turn < 3; turn += 1) {
      const start = performance.now();
      const stage = play(chain(length), 25);
      best = Math.min(best, performance.now() - start);
      assert.ok(stage.arrangement.layout.rects.size > length);
    }
    return best;
  };
  const [short, long] = [measure(400), measure(1_600)];
  process.stdout.write(`400 nodes ${short.toFixed(1)} ms, 1,600 nodes ${long.toFixed(1)} ms\n`);
  assert.ok(long < 40 * short, `4 times the nodes took ${(long / short).toFixed(1)} times as long`);
});
