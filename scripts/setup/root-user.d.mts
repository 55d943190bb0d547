export function sandboxArguments(uid?: number): string[];
export function sayWhenUnsandboxed(): void;
