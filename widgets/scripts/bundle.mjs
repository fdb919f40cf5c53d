/**
 * Bundle the notebook widgets: every src/widgets/NAME.ts becomes one self-contained ES module
 * minichain_widgets/static/NAME.js, and its style sheet style/NAME.css becomes static/NAME.css.
 */
import { build } from 'esbuild';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const output = join(root, 'minichain_widgets', 'static');
const banner = '/* Built by `jlpm build:widgets` from widgets/src and widgets/style: do not edit. */';

const names = readdirSync(join(root, 'src', 'widgets'))
  .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('_'))
  .map(file => basename(file, '.ts'))
  .sort();

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });

await build({
  absWorkingDir: root,
  entryPoints: names.map(name => `src/widgets/${name}.ts`),
  outdir: output,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  banner: { js: banner },
  logLevel: 'warning'
});

await build({
  absWorkingDir: root,
  entryPoints: names.map(name => `style/${name}.css`).filter(file => existsSync(join(root, file))),
  outdir: output,
  bundle: true,
  minify: true,
  banner: { css: banner },
  logLevel: 'warning'
});
