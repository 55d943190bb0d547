/** A set of listeners of one kind of message; adding one returns its own undo. */
export type Listeners<T> = {
  add(listener: (message: T) => void): () => void;
  tell(message: T): void;
  clear(): void;
};

/** Makes an empty set of listeners. */
export function createListeners<T>(): Listeners<T> {
  const listeners = new Set<(message: T) => void>();
  return {
    add(listener) {
      // Wrapped, so that the same function added twice is two subscriptions.
      const entry = (message: T): void => listener(message);
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
    tell(message) {
      for (const listener of listeners) listener(message);
    },
    clear: () => listeners.clear(),
  };
}
