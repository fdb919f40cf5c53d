import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ISettingRegistry } from '@jupyterlab/settingregistry';

import { translated } from './settings';

const trans = { _p: (context: string, text: string) => `${context}: ${text}` };

test('titles, descriptions and the label of the icon are translated, and nothing else', () => {
  const schema = {
    type: 'object',
    title: 'Lessons',
    description: 'A panel',
    'jupyter.lab.setting-icon': 'minichain:lessons',
    'jupyter.lab.setting-icon-label': 'Lessons',
    properties: { teacher: { type: 'boolean', title: 'Teacher', default: false } }
  } as unknown as ISettingRegistry.ISchema;
  assert.deepEqual(translated(schema, trans), {
    ...schema,
    title: 'schema: Lessons',
    description: 'schema: A panel',
    'jupyter.lab.setting-icon-label': 'settings: Lessons',
    properties: { teacher: { type: 'boolean', title: 'settings: Teacher', default: false } }
  });
});
