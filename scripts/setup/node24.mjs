import { join } from 'node:path';
import { localBinFolder } from './paths.mjs';
import { runNpm } from './node-modules.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';
import { SetupError } from './setup-error.mjs';

const neededMajor = 24;

/** A Node that runs the project's TypeScript files directly, or undefined: the project's own, else the machine's. */
export async function findNode24() {
  for (const path of [join(localBinFolder, 'node'), process.execPath]) {
    const { code, stdout } = await run(path, ['--version'], { timeoutMs: 15_000 });
    const major = Number(/^v(\d+)\./.exec(stdout)?.[1]);
    if (code === 0 && major >= neededMajor) return { path, version: stdout.trim().slice(1) };
  }
  return undefined;
}

/** Makes sure that there is a Node 24 (the `node` package brings it when its install script runs). */
export async function ensureNode24() {
  const found = await findNode24();
  if (found) return found;
  say(`bringing Node ${neededMajor} into node_modules (npm had skipped the install script of the package "node")`);
  await runNpm(['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error']);
  const brought = await findNode24();
  if (brought) return brought;
  throw new SetupError(
    `Node ${neededMajor} is not there and npm could not bring it`,
    'npm rebuild node --ignore-scripts=false',
  );
}
