import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { heatLevel, look } from './look';

const css = readFileSync('style/tokens.css', 'utf8');
const themes = ['light', 'dark'] as const;

/** The colours that a block of the style sheet sets; of var(--jp-x, colour) the colour. */
function colors(block: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name, value] of block.matchAll(/--mc-([\w-]+):\s*([^;]+);/g)) {
    const color = value?.match(/#[0-9a-f]{6}/)?.[0];
    if (name !== undefined && color !== undefined) found[name] = color;
  }
  return found;
}

function wanted(theme: 'light' | 'dark'): [string, string][] {
  const rows: [string, string][] = [];
  for (const [name, value] of Object.entries(look.colors[theme])) {
    if (typeof value === 'string') rows.push([name, value]);
    else value.forEach((color, level) => rows.push([`${name}${level}`, color]));
  }
  return rows;
}

function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map(at => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

test('the style sheet has the colours of the table, in light and both darks', () => {
  const blocks = css
    .split(':is(.mc-graph, .mc-kit) {')
    .slice(1)
    .map(block => block.split('}')[0] ?? '');
  const [light, dark, preferred] = blocks.map(colors);
  for (const [name, color] of wanted('light')) assert.equal(light?.[name], color, name);
  for (const [name, color] of wanted('dark')) {
    assert.equal(dark?.[name], color, name);
    assert.equal(preferred?.[name], color, name);
  }
});

test('words have a contrast of 4.5 to 1 on all they stand on', () => {
  for (const theme of themes) {
    const table = look.colors[theme];
    for (const ground of [table.background, table['frame-fill'], table['leaf-fill']]) {
      for (const words of [table.ink, table.muted, table.forward, table.backward, table.nan]) {
        assert.ok(contrast(words, ground) >= 4.5, `${theme}: ${words} on ${ground}`);
      }
    }
    for (const ground of [table['forward-fill'], table['nan-fill']]) {
      assert.ok(contrast(table.ink, ground) >= 4.5, `${theme}: ink on ${ground}`);
    }
    table.heat.forEach((ground, level) => {
      assert.ok(contrast(table['heat-ink'][level] ?? '', ground) >= 4.5, `${theme}: heat ${level}`);
    });
  }
});

test('the heat of larger gradients stands out more from the background', () => {
  for (const theme of themes) {
    const { heat, background } = look.colors[theme];
    const steps = heat.map(color => contrast(color, background));
    assert.deepEqual(
      steps,
      [...steps].sort((a, b) => a - b)
    );
  }
});

test('heat levels fall by one with every step of the scale and never leave it', () => {
  const step = 10 ** look.heat.decades;
  const levels = [1, 1 / step, 1 / step ** 2, 1e-30, 0].map(norm => heatLevel(norm, 1));
  assert.deepEqual(levels, [4, 3, 2, 0, 0]);
  assert.equal(heatLevel(5, 1), 4);
  assert.equal(heatLevel(Number.NaN, 1), 0);
});

test('every class of the style sheet has the prefix', () => {
  const sheets = ['tokens', 'graph', 'kit'].map(name => readFileSync(`style/${name}.css`, 'utf8'));
  const rules = sheets.join('').replace(/\/\*.*?\*\/|@import[^;]*;/gs, '');
  const classes = rules.match(/\.[a-zA-Z][\w-]*/g) ?? [];
  for (const name of new Set(classes)) assert.match(name, /^\.mc-/);
});
