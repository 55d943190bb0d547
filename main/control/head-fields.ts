/** The header fields of a request as they came, so that a field that was sent twice is seen; names in lower case. */
export type HeadFields = ReadonlyMap<string, readonly string[]>;

/** Collects the fields from Node's flat list of names and values. */
export function headFields(rawHeaders: readonly string[]): HeadFields {
  const fields = new Map<string, string[]>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [rawHeaders[at + 1] ?? '']);
    else values.push(rawHeaders[at + 1] ?? '');
  }
  return fields;
}

/** The value of a field that stands once or not at all; null when it is not there. */
export function single(fields: HeadFields, name: string): string | null {
  return fields.get(name)?.[0] ?? null;
}
