/** Writes any value that a structured clone takes as an expression of JavaScript, so that it comes into being in another process. */
export function sourceOf(value: unknown): string {
  const places = new Map<object, string>();
  const lines: string[] = [];

  const place = (object: object, made: string): string => {
    const name = `o[${places.size}]`;
    places.set(object, name);
    lines.push(`${name}=${made};`);
    return name;
  };

  const write = (each: unknown): string => {
    switch (typeof each) {
      case 'string':
        return JSON.stringify(each);
      case 'number':
        return Object.is(each, -0) ? '-0' : String(each);
      case 'bigint':
        return `${each}n`;
      case 'boolean':
        return String(each);
      case 'object':
        return each === null ? 'null' : (places.get(each) ?? writeObject(each));
      case 'undefined':
      case 'function':
      case 'symbol':
      default:
        return 'undefined';
    }
  };

  const writeFields = (name: string, object: object): void => {
    for (const key of Object.keys(object)) {
      const inner = write(Reflect.get(object, key));
      // Not an assignment: a field named __proto__ would become the prototype.
      lines.push(`d(${name},${JSON.stringify(key)},${inner});`);
    }
  };

  const writeObject = (object: object): string => {
    if (object instanceof Date) return place(object, `new Date(${object.getTime()})`);
    if (object instanceof RegExp) return place(object, object.toString());
    if (object instanceof Error) return place(object, `new Error(${JSON.stringify(object.message)})`);
    if (object instanceof ArrayBuffer) return place(object, `new ArrayBuffer(${object.byteLength})`);
    if (object instanceof DataView) return place(object, `new DataView(new ArrayBuffer(${object.byteLength}))`);
    if (ArrayBuffer.isView(object)) {
      const name = object.constructor.name;
      const items = Array.from(object as unknown as ArrayLike<number | bigint>, (item) => write(item));
      return place(object, `new ${name}([${items.join(',')}])`);
    }
    if (object instanceof Map) {
      const name = place(object, 'new Map()');
      for (const [key, inner] of object) lines.push(`${name}.set(${write(key)},${write(inner)});`);
      return name;
    }
    if (object instanceof Set) {
      const name = place(object, 'new Set()');
      for (const inner of object) lines.push(`${name}.add(${write(inner)});`);
      return name;
    }
    // A value may have a field of that name, which is no function then.
    const valueOf: unknown = Reflect.get(object, 'valueOf');
    const boxed: unknown = typeof valueOf === 'function' ? Reflect.apply(valueOf, object, []) : object;
    if (typeof boxed !== 'object') return place(object, `Object(${write(boxed)})`);
    if (!Array.isArray(object)) {
      const name = place(object, '{}');
      writeFields(name, object);
      return name;
    }
    const name = place(object, `[]`);
    lines.push(`${name}.length=${object.length};`);
    // Holes stay holes.
    writeFields(name, object);
    return name;
  };

  const last = write(value);
  if (lines.length === 0) return `(${last})`;
  const define =
    'const d=(o,k,v)=>Object.defineProperty(o,k,{value:v,enumerable:true,configurable:true,writable:true});';
  return `(()=>{const o=[];${define}${lines.join('')}return ${last};})()`;
}
