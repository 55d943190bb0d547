import { say } from './say.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * Runs a command's main function with its arguments: `--help` prints the help, the number it answers is the exit code,
 * and what set-up could not have is told as one message with the command that mends it.
 */
export async function runCommand(help, main) {
  const args = process.argv.slice(2);
  if (args[0] === '--help' || args[0] === '-h') {
    process.stdout.write(`${help.trim()}\n`);
    return;
  }
  try {
    process.exitCode = await main(args);
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof SetupError) {
      say(error.message);
      say(`to mend it, run: ${error.remedy}`);
    } else {
      say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }
}
