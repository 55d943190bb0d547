export const developmentCopyFolder: string;
export function developmentCopyVerified(folder?: string, integrity?: string): Promise<boolean>;
export function fetchDevelopmentCopy(): Promise<void>;
export function installDevelopmentCopy(tarballPath: string, folder: string, integrity?: string): Promise<void>;
