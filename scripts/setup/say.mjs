/** Tells the person one thing on stderr; stdout belongs to the program that set-up prepares. */
export function say(sentence) {
  process.stderr.write(`set-up: ${sentence}\n`);
}
