/** A file size in decimal units, as disks are sold: 812 kB, 1.4 MB, 2.31 GB. */
export function sizeWords(sizeBytes: number): string {
  if (sizeBytes < 1000) return `${Math.max(0, Math.round(sizeBytes))} B`;
  if (sizeBytes < 999_500) return `${Math.round(sizeBytes / 1000)} kB`;
  if (sizeBytes < 999_950_000) return `${(sizeBytes / 1e6).toFixed(1)} MB`;
  return `${(sizeBytes / 1e9).toFixed(2)} GB`;
}
