import { useSyncExternalStore } from 'react';

/** Anything with a snapshot and a change signal can be read by a component. */
export type Readable<T> = { get: () => T; subscribe: (listener: () => void) => () => void };

/** A value that tells its readers when it was replaced. */
export type Store<T> = Readable<T> & { set: (next: T) => void };

/** Makes a store. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Reads a store in a component and renders again when it changes. */
export function useStore<T>(store: Readable<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}
