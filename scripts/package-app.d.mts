export type PackageOptions = {
  /** As electron-builder has them: the system, then the kinds. */
  target: string[];
  outputFolder: string;
  /** Whether what electron-builder says goes to stderr. */
  showOutput?: boolean;
};
export function packageApp(
  prepared: { electron: { folder: string; version: string }; env: Record<string, string> },
  options: PackageOptions,
): Promise<{ code: number; output: string }>;
