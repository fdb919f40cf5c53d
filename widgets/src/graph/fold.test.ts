import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Box } from './picture';
import { parseMessage } from './protocol';
import { chain, cnn, lstm, messages, mlp, Sample } from './samples';
import { MANY, MOST, Stage } from './stage';

function play(sample: Sample, size = 40, stage = new Stage(), run = 1): Stage {
  for (const message of messages(sample, run, size)) {
    const parsed = parseMessage(message);
    if (!parsed.ok) assert.fail(parsed.error);
    stage.apply(parsed.value);
  }
  return stage;
}

function folded(stage: Stage): Box[] {
  return [...stage.picture.boxes.values()].filter(
    box => box.kind !== 'leaf' && box.kind !== 'function'
  );
}

function boxAt(stage: Stage, path: string): Box {
  const box = folded(stage).find(each => each.scope?.path === path);
  assert.ok(box !== undefined, `no folded box ${path}`);
  return box;
}

test('100 LSTM steps open folded: one stack of 100 calls a link, '
  + 'one of the loop\u2019s own lines', () => {
  const stage = play(lstm(100));
  const stacks = folded(stage).map(box => `${box.scope?.path ?? box.kind} ${box.times}`);
  assert.deepEqual(stacks, ['embed 100', 'lstm 100', 'out 100', 'repeat 100', 'repeat 99']);
  assert.equal(boxAt(stage, 'lstm').members.length, 398);
  assert.equal(boxAt(stage, 'lstm').loops, 2 * 99);
  assert.equal(boxAt(stage, 'embed').loops, 0);
});

test('leaves of a stack are merged by name; its parameters are inside', () => {
  const stage = play(lstm(100));
  const leaves = [...stage.picture.boxes.values()].filter(box => box.kind === 'leaf');
  assert.deepEqual(
    leaves.map(box => box.times).sort((a, b) => a - b),
    [1, 100, 100]
  );
  const parameters = [...stage.model.nodes.values()].filter(node => node.kind === 'parameter');
  for (const node of parameters) assert.equal(stage.picture.boxOf.has(node.id), false);
});

test('a click unfolds the stack to calls, the next one a call to operations', () => {
  const stage = play(lstm(100));
  stage.fold.unfold(boxAt(stage, 'lstm').key);
  stage.refold();
  const calls = folded(stage).filter(box => box.kind === 'call');
  assert.equal(calls.length, 100);
  const third = calls[2];
  assert.ok(third !== undefined);
  assert.equal(third.scope?.call, 3);
  stage.fold.unfold(third.key);
  stage.refold();
  const inside = [...stage.picture.boxes.values()].filter(box =>
    box.frames.includes(third.scope?.id ?? -1)
  );
  assert.equal(inside.filter(box => box.kind === 'function').length, 4);
  assert.equal(folded(stage).filter(box => box.kind === 'call').length, 99);
});

test('the calls go back into one stack, and one open call folds alone', () => {
  const stage = play(lstm(100));
  stage.fold.unfold(boxAt(stage, 'lstm').key);
  stage.refold();
  const call = folded(stage).find(box => box.kind === 'call');
  assert.ok(call?.scope);
  stage.fold.unfold(call.key);
  stage.fold.foldCall(call.scope);
  stage.refold();
  assert.equal(folded(stage).filter(box => box.kind === 'call').length, 100);
  stage.fold.foldGroup(call.scope);
  stage.refold();
  assert.equal(boxAt(stage, 'lstm').times, 100);
});

test('small graphs open unfolded', () => {
  assert.deepEqual(folded(play(mlp())), []);
  assert.deepEqual(folded(play(cnn())), []);
  assert.deepEqual(folded(play(lstm(8))), []);
});

test('folding all keeps a single root open, unfolding all shows every operation', () => {
  const stage = play(cnn());
  stage.fold.foldAll();
  stage.refold();
  const paths = folded(stage).map(box => box.scope?.path);
  assert.deepEqual(paths, ['conv1', 'bn1', 'block1', 'block2', 'fc']);
  stage.fold.unfoldAll();
  stage.refold();
  assert.deepEqual(folded(stage), []);
});

test('choices of folding outlive a run of the same model', () => {
  const stage = play(cnn());
  stage.fold.unfoldAll();
  const scope = [...stage.model.scopes.values()].find(each => each.path === 'block1');
  assert.ok(scope !== undefined);
  stage.fold.foldCall(scope);
  stage.refold();
  play(cnn(), 40, stage, 2);
  assert.deepEqual(
    folded(stage).map(box => box.scope?.path),
    ['block1']
  );
});

test('after a long run a short one of the same model ends unfolded', () => {
  const stage = play(lstm(100));
  play(lstm(5), 40, stage, 2);
  assert.deepEqual(folded(stage), []);
  play(lstm(100), 40, stage, 3);
  assert.equal(boxAt(stage, 'lstm').times, 100);
});

test('a loop without links folds by its lines; products with other weights stay apart', () => {
  const it = new Sample();
  const W = it.leaf('parameter', 'W', [4, 4]);
  const U = it.leaf('parameter', 'U', [4, 4]);
  let h = it.leaf('data', 'h', [4, 4]);
  const where = { file: 'cell [1]', line: 3, code: 'h = F.tanh(x @ W + h @ U)' };
  for (let turn = 0; turn < 100; turn += 1) {
    const x = it.leaf('data', `x${turn}`, [4, 4]);
    const up = it.apply('matmul', '@', [x, W], [4, 4], { where });
    const side = it.apply('matmul', '@', [h, U], [4, 4], { where });
    h = it.apply('tanh', 'tanh', [it.apply('add', '+', [up, side], [4, 4], { where })], [4, 4], {
      where
    });
  }
  const stage = play(it);
  assert.deepEqual(
    folded(stage).map(box => [box.kind, box.times]),
    Array(4).fill(['repeat', 100])
  );
});

test('a graph without repetition stays open up to the limit', () => {
  const stage = play(chain(400), 50);
  assert.deepEqual(folded(stage), []);
  assert.ok(stage.picture.boxes.size > MANY);
});

test('unfolding all of a huge graph stops at the limit', () => {
  const stage = play(lstm(900), 2_000);
  stage.fold.unfoldAll();
  stage.refold();
  assert.ok(stage.picture.boxes.size <= MOST, String(stage.picture.boxes.size));
});

test('every function is in exactly one box, whatever is folded', () => {
  const stage = play(lstm(30));
  for (const change of [() => stage.fold.foldAll(), () => stage.fold.unfoldAll()]) {
    change();
    stage.refold();
    const members = [...stage.picture.boxes.values()]
      .filter(box => box.kind !== 'leaf')
      .flatMap(box => box.members);
    const functions = [...stage.functions()].map(node => node.id);
    assert.deepEqual(
      members.sort((a, b) => a - b),
      functions.sort((a, b) => a - b)
    );
  }
});
