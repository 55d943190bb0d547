import { failureOf, within } from './scenario.ts';

const LIMIT_MS = 15_000;

/** Attacks on what somebody may not do, and beside each the same by whoever may: else a refusal would show nothing. */
export type RoleBook = {
  /** `succeeds` says whether the attack had what it wanted. */
  attack(name: string, succeeds: () => Promise<boolean>): Promise<void>;
  /** `works` says whether the rightful one has it. */
  right(name: string, works: () => Promise<boolean>): Promise<void>;
  attempts(): number;
  successes(): number;
  rights(): number;
};

/** Makes a book that tells failures. */
export function openRoleBook(where: string, add: (failure: string) => void): RoleBook {
  const counted = { attempts: 0, successes: 0, rights: 0 };
  return {
    async attack(name, succeeds) {
      counted.attempts += 1;
      try {
        if (!(await within(LIMIT_MS, 'the attack', succeeds()))) return;
        counted.successes += 1;
        add(`${where}: it succeeded: ${name}`);
      } catch (error) {
        add(`${where}: ${name}: ${failureOf(error)}`);
      }
    },
    async right(name, works) {
      counted.rights += 1;
      try {
        if (!(await within(LIMIT_MS, 'the right one', works()))) add(`${where}: this should work: ${name}`);
      } catch (error) {
        add(`${where}: this should work: ${name}: ${failureOf(error)}`);
      }
    },
    attempts: () => counted.attempts,
    successes: () => counted.successes,
    rights: () => counted.rights,
  };
}
