/** Which of the previews belongs to a pointer at `x` (0 is the left edge) over a poster of `width`; the middle one when it is not over it. */
export function hoveredThumbnail(count: number, x: number | null, width: number): number {
  if (count <= 0) return 0;
  if (x === null || width <= 0) return Math.floor(count / 2);
  return Math.min(count - 1, Math.max(0, Math.floor((x / width) * count)));
}
