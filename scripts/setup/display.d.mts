export function hasDisplay(env?: NodeJS.ProcessEnv, platform?: NodeJS.Platform): boolean;
export function hasXvfb(): Promise<boolean>;
export function ensureXvfb(): Promise<void>;
export function withDisplay<T>(work: (env: NodeJS.ProcessEnv) => Promise<T>, env?: NodeJS.ProcessEnv): Promise<T>;
