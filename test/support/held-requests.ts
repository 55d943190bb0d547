import type { ControlWorld } from './control-world.ts';

/** Lets what is asked of a world from now on begin and not go on; `finish` lets what began last go on. */
export function holdRequests(world: ControlWorld): { begun: Promise<void>; finish(): void } {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  let finish = (): void => undefined;
  world.before = () => {
    resolve();
    return new Promise((done) => {
      finish = done;
    });
  };
  return { begun, finish: () => finish() };
}
