import { withAttackedCall } from './attacked-process.ts';
import { openRoleBook } from './role-book.ts';
import { attackAppRoles } from './roles-app.ts';
import { attackControlRoles } from './roles-control.ts';
import { attackRoomRoles } from './roles-signaling.ts';
import { createFailures, failureOf } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** People who ask for what is not theirs, at every door: nothing is given, and the rightful ones have it. */
export const roles: Scenario = async ({ seed, count, say }) => {
  const failures = createFailures();
  const figures = { attacks: 0, succeeded: 0, rightfulTries: 0 };
  for (let round = 0; round < count; round += 1) {
    const where = `round ${round} of seed ${seed}`;
    const book = openRoleBook(where, failures.add);
    // A part that cannot go on must not hide what the attacks before it had.
    await attackRoomRoles(book).catch((error: unknown) => failures.add(`${where}: ${failureOf(error)}`));
    await withAttackedCall(where, failures.add, async (scene) => {
      for (let index = 0; index < 6; index += 1) await scene.feed();
      await attackAppRoles(book, scene);
      // They went for it; the host's window goes on.
      for (let index = 0; index < 6; index += 1) await scene.feed();
      await attackControlRoles(book, scene);
    }).catch((error: unknown) => failures.add(`${where}: ${failureOf(error)}`));
    figures.attacks += book.attempts();
    figures.succeeded += book.successes();
    figures.rightfulTries += book.rights();
    say(`roles ${round + 1}/${count}: ${book.attempts()} attacks, ${book.successes()} succeeded`);
  }
  return { name: 'roles', ok: failures.count() === 0, count, failures: failures.list(), figures };
};
