/**
 * Run the unit tests: each src/**\/*.test.ts is bundled into build/tests and given to `node --test`.
 * Names on the command line choose files: `jlpm test layout` runs those whose path has "layout".
 */
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const output = join(root, 'build', 'tests');
const wanted = process.argv.slice(2);

const tests = readdirSync(join(root, 'src'), { recursive: true })
  .map(file => join('src', file))
  .filter(file => file.endsWith('.test.ts'))
  .filter(file => wanted.length === 0 || wanted.some(word => file.includes(word)))
  .sort();

if (tests.length === 0) {
  console.error('No test files found.');
  process.exit(1);
}

rmSync(output, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: tests,
  outdir: output,
  outbase: 'src',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning'
});

const files = tests.map(file => join(output, file.slice(4).replace(/\.ts$/, '.mjs')));
const result = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files], {
  cwd: root,
  stdio: 'inherit'
});
process.exit(result.status ?? 1);
