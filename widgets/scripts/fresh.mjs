/**
 * Fail if the committed bundles are not what a build of these sources gives.
 * Remembers the bundles as they lie there, builds, and names every file that is new, gone or changed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const folders = ['minichain_widgets/labextension', 'minichain_widgets/static'];

/** Map from path to digest of all bundled files. */
function fingerprints() {
  const found = new Map();
  for (const folder of folders.filter(name => existsSync(join(root, name)))) {
    for (const entry of readdirSync(join(root, folder), { recursive: true })) {
      const file = join(folder, entry);
      if (statSync(join(root, file)).isFile()) {
        const digest = createHash('sha256').update(readFileSync(join(root, file))).digest('hex');
        found.set(file, digest);
      }
    }
  }
  return found;
}

const committed = fingerprints();
const built = spawnSync('jlpm', ['build'], { cwd: root, stdio: 'inherit' });
if (built.status !== 0) {
  process.exit(built.status ?? 1);
}
const rebuilt = fingerprints();

const differences = [];
for (const [file, digest] of rebuilt) {
  if (committed.get(file) !== digest) {
    differences.push(`${committed.has(file) ? 'changed' : 'new'}: ${file}`);
  }
}
for (const file of committed.keys()) {
  if (!rebuilt.has(file)) {
    differences.push(`gone: ${file}`);
  }
}
if (differences.length > 0) {
  console.error(`The bundles were stale; commit the rebuilt ones:\n${differences.join('\n')}`);
  process.exit(1);
}
