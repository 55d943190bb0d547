import { z } from 'zod';

/** What a schema of the contract asks for, as far as one needs to know to make values that it takes, or nearly takes. */
export type Shape =
  | { kind: 'text'; pattern: RegExp | null; minLength: number; maxLength: number; isTime: boolean }
  | { kind: 'number'; isWhole: boolean; minimum: number; maximum: number }
  | { kind: 'choice'; values: readonly unknown[] }
  | { kind: 'boolean' }
  | { kind: 'bytes' }
  | { kind: 'list'; items: Shape; minItems: number; maxItems: number }
  | { kind: 'object'; fields: readonly { name: string; shape: Shape; required: boolean }[] }
  | { kind: 'oneOf'; shapes: readonly Shape[] }
  | { kind: 'anything' };

const jsonNode = z.looseObject({
  type: z.string().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  items: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  tallylightBytes: z.boolean().optional(),
});

/** Reads a schema by way of its JSON Schema, which says of zod's inside all that is wanted here. */
export function shapeOf(schema: z.ZodType): Shape {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // The only class among the contract's fields is Uint8Array.
      if (zodSchema instanceof z.ZodCustom) jsonSchema['tallylightBytes'] = true;
    },
  });
  return shapeOfNode(json);
}

function shapeOfNode(json: unknown): Shape {
  const parsed = jsonNode.safeParse(json);
  if (!parsed.success) return { kind: 'anything' };
  const node = parsed.data;
  if (node.tallylightBytes === true) return { kind: 'bytes' };
  if (Object.hasOwn(node, 'const')) return { kind: 'choice', values: [node.const] };
  if (node.enum !== undefined) return { kind: 'choice', values: node.enum };
  const ways = node.anyOf ?? node.oneOf;
  if (ways !== undefined) return { kind: 'oneOf', shapes: ways.map(shapeOfNode) };
  switch (node.type) {
    case 'string':
      return {
        kind: 'text',
        pattern: node.pattern === undefined ? null : new RegExp(node.pattern, 'u'),
        minLength: node.minLength ?? 0,
        maxLength: node.maxLength ?? 4_000,
        isTime: node.format === 'date-time',
      };
    case 'integer':
    case 'number':
      return {
        kind: 'number',
        isWhole: node.type === 'integer',
        minimum: node.minimum ?? -1_000,
        maximum: node.maximum ?? 1_000_000,
      };
    case 'boolean':
      return { kind: 'boolean' };
    case 'null':
      return { kind: 'choice', values: [null] };
    case 'array':
      return {
        kind: 'list',
        items: shapeOfNode(node.items),
        minItems: node.minItems ?? 0,
        maxItems: node.maxItems ?? 8,
      };
    case 'object':
      return {
        kind: 'object',
        fields: Object.entries(node.properties ?? {}).map(([name, field]) => ({
          name,
          shape: shapeOfNode(field),
          required: node.required?.includes(name) === true,
        })),
      };
    case undefined:
    default:
      return { kind: 'anything' };
  }
}
