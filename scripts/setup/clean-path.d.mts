export function pathWithoutLocalTools(path: string | undefined): string;
