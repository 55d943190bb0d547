/** Names as a sentence part: "Ana", "Ana and Ben", "Ana, Ben and 2 more". */
export function nameList(names: readonly string[]): string {
  const [first, second, third] = names;
  if (first === undefined) return 'Nobody';
  if (second === undefined) return first;
  if (third === undefined) return `${first} and ${second}`;
  if (names.length === 3) return `${first}, ${second} and ${third}`;
  return `${first}, ${second} and ${names.length - 2} more`;
}

/** "1 person", "3 people". */
export function peopleCount(count: number): string {
  return count === 1 ? '1 person' : `${count} people`;
}
