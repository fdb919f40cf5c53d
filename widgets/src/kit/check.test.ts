import assert from 'node:assert/strict';
import { test } from 'node:test';

import { packed } from './arrays';
import { choice, count, flag, list, measured, only, optional, orNull, otherwise, real, record,
  table, text, tried, tuple, variants, whole, type Check } from './check';

const POINT = record({ x: real, name: optional(text(5)), tags: list(text(), 2) });

function wrong<T>(check: Check<T>, value: unknown): string {
  const found = tried(check, value, 'it');
  return found.ok ? '' : found.error;
}

test('a record has the fields that are described, and no others', () => {
  const given = JSON.parse('{"x": 1, "tags": [], "more": 2, "__proto__": {"y": 3}}') as unknown;
  const found = tried(POINT, given, 'it');
  assert.ok(found.ok);
  assert.deepEqual(Object.entries(found.value), [['x', 1], ['tags', []]]);
  assert.equal(Object.getPrototypeOf(found.value), Object.prototype);
  assert.equal(wrong(record({ constructor: real }), {}), 'it.constructor should be a number, '
    + 'but is missing.');
});

test('a refusal names the place, what was wanted and what came', () => {
  assert.equal(wrong(list(POINT), [{ x: '1', tags: [] }]),
    'it[0].x should be a number, but is the text "1".');
  assert.equal(wrong(POINT, null), 'it should be an object, but is null.');
  assert.equal(wrong(POINT, { x: 1, tags: ['a', 'b', 'c'] }),
    'it.tags should be a list of at most 2, but is a list of 3.');
  assert.equal(wrong(whole(1, 9), 10), 'it should be a whole number from 1 to 9, but is 10.');
  assert.equal(wrong(choice('a', 'b'), {}), 'it should be one of a, b, but is an object.');
  assert.equal(wrong(tuple(real, flag), [1]), 'it should be a list of 2, but is a list of 1.');
  assert.equal(wrong(only(real, 'above 1', x => x > 1), 0), 'it should be above 1, but is 0.');
});

test('numbers are numbers; NaN comes as the text that Python makes of it', () => {
  for (const value of [NaN, Infinity, '1', null, true, [1], new Number(1)]) {
    assert.match(wrong(real, value), /a number/);
    if (typeof value !== 'string') assert.match(wrong(measured, value), /a number/);
  }
  assert.deepEqual(['nan', 'inf', '-inf', 2].map(each => measured(each, '')),
    [NaN, Infinity, -Infinity, 2]);
  for (const value of [-1, 0.5, 2 ** 53, '1']) assert.match(wrong(count, value), /whole number/);
});

test('long texts are cut, and what is missing is null or what was said', () => {
  assert.equal(text(3)('abcd', ''), 'ab\u2026');
  assert.equal(orNull(real)(undefined, ''), null);
  assert.equal(otherwise(real, 7)(null, ''), 7);
});

test('no name of a table is special', () => {
  const found = table(real)(JSON.parse('{"__proto__": 1, "constructor": 2}'), '');
  assert.deepEqual(Object.entries(found), [['__proto__', 1], ['constructor', 2]]);
  assert.equal(found['toString'], undefined);
});

test('the tag of an object says what else it has', () => {
  const shape = variants('form', { circle: record({ r: real }), box: record({ a: real }) });
  assert.deepEqual(shape({ form: 'box', a: 1, r: 2 }, ''), { form: 'box', a: 1 });
  assert.match(wrong(shape, { form: 'circle', a: 1 }), /it\.r should be a number/);
  assert.match(wrong(shape, { form: 'toString' }), /it\.form should be one of circle, box/);
});

test('what cannot be read at all gives a sentence, too', () => {
  let deep: unknown = [];
  for (let k = 0; k < 100_000; k++) deep = [deep];
  const nested: Check<unknown> = (value, where) =>
    Array.isArray(value) ? list(nested)(value, where) : real(value, where);
  assert.equal(wrong(nested, deep), 'it could not be read.');
  assert.equal(wrong(POINT, { get x(): number { throw new Error('boom'); } }),
    'it could not be read.');
});

test('a packed array has as many numbers as its shape says', () => {
  const data = Buffer.from(Float32Array.of(1, 2).buffer).toString('base64');
  assert.deepEqual([...packed(2)({ shape: [1, 2], data }, '').data], [1, 2]);
  assert.match(wrong(packed(1), { shape: [1, 2], data }), /it\.shape should be a list of 1/);
  assert.match(wrong(packed(2), { shape: [2, 2], data }), /4 numbers of 4 bytes/);
  assert.match(wrong(packed(1), { shape: [1e15], data }), /numbers of 4 bytes/);
  assert.match(wrong(packed(1), { shape: [2], data: '<&>' }), /should be base64/);
  assert.match(wrong(packed(1), { shape: [1], data: 'AAA=' }), /1 numbers of 4 bytes/);
});
