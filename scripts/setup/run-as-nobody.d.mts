export function commandAsNobody(
  command: string,
  args: string[],
  options?: { readable?: string[] },
): Promise<{ command: string; args: string[]; home: string } | undefined>;
