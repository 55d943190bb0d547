#!/usr/bin/env node
import { join } from 'node:path';
import { findNode24 } from './setup/node24.mjs';
import { nodeModulesInPlace } from './setup/node-modules.mjs';
import { repositoryRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { runForeground } from './setup/run.mjs';
import { say } from './setup/say.mjs';
import { SetupError } from './setup/setup-error.mjs';

/** A Node that runs the command line, without a word where it is already there: a command is asked for many times. */
async function findNode() {
  if (await nodeModulesInPlace()) {
    const found = await findNode24();
    if (found) return found.path;
  }
  return (await prepare({})).node.path;
}

try {
  const main = join(repositoryRoot, 'main', 'cli', 'main.ts');
  process.exitCode = await runForeground(await findNode(), [main, ...process.argv.slice(2)]);
} catch (error) {
  // 4, as the command line has it for an app that cannot be reached: stdout stays empty.
  process.exitCode = 4;
  say(error instanceof Error ? error.message : String(error));
  if (error instanceof SetupError) say(`to mend it, run: ${error.remedy}`);
}
