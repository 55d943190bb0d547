import { requests, type RequestName } from '../../contract/requests.ts';
import { fittingValue, type FuzzOptions } from '../support/fuzz-values.ts';
import { shapeOf, type Shape } from '../support/schema-shape.ts';

/** Fields of requests that name something which exists, or a file of it. */
const NAMING = /^(.*Id|dst|entry|file)$/;
/** Ids that are no names of ours: the operating system's, and keys of a provider. */
const NOT_OURS = new Set(['cameraId', 'microphoneId', 'speakerId', 'accessKeyId', 'connectionId']);

/** One place in a request where an id, or the name of a file, stands. */
export type IdField = {
  request: RequestName;
  path: readonly string[];
  /** The request, right but for this place. */
  filled: (payload: unknown) => unknown;
};

/** Every such place in the requests of the contract. */
export function idFields(options: FuzzOptions): IdField[] {
  return (Object.keys(requests) as RequestName[]).flatMap((request) => {
    return placesOf(shapeOf(requests[request].input), options).map((place) => ({ request, ...place }));
  });
}

/** Every such place in what a schema takes; of a union, in each of its forms. */
export function placesOf(shape: Shape, options: FuzzOptions): Omit<IdField, 'request'>[] {
  if (shape.kind === 'oneOf') return shape.shapes.flatMap((each) => placesOf(each, options));
  return pathsIn(shape, []).map((path) => ({
    path,
    filled: (payload) => putAt(shape, fittingValue(shape, options), path, payload, options),
  }));
}

function pathsIn(shape: Shape, path: readonly string[]): (readonly string[])[] {
  if (shape.kind === 'oneOf') return shape.shapes.flatMap((each) => pathsIn(each, path));
  if (shape.kind === 'list') return pathsIn(shape.items, [...path, '0']);
  if (shape.kind === 'object') return shape.fields.flatMap(({ name, shape: each }) => pathsIn(each, [...path, name]));
  const name = path.at(-1) ?? '';
  return shape.kind === 'text' && NAMING.test(name) && !NOT_OURS.has(name) ? [path] : [];
}

function putAt(
  shape: Shape,
  value: unknown,
  [key, ...rest]: readonly string[],
  payload: unknown,
  options: FuzzOptions,
): unknown {
  if (key === undefined) return payload;
  if (shape.kind === 'list') return [putAt(shape.items, fittingValue(shape.items, options), rest, payload, options)];
  const inner = shape.kind === 'object' ? shape.fields.find(({ name }) => name === key)?.shape : undefined;
  const object = typeof value === 'object' && value !== null ? value : {};
  if (inner === undefined) return { ...object, [key]: payload };
  return { ...object, [key]: putAt(inner, Reflect.get(object, key), rest, payload, options) };
}
