export function isHeld(lockText: string): boolean;
export function exclusively<T>(name: string, work: () => Promise<T>, options?: { folder?: string }): Promise<T>;
