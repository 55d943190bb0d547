import { delimiter, sep } from 'node:path';

/**
 * PATH without this project's own tools: npm must not run on the Node that it is about to replace in node_modules.
 */
export function pathWithoutLocalTools(path) {
  return (path ?? '')
    .split(delimiter)
    .filter((folder) => !folder.endsWith(`node_modules${sep}.bin`))
    .join(delimiter);
}
