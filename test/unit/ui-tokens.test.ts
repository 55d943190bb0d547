import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const renderer = join(import.meta.dirname, '../../renderer');
const sheets = readdirSync(renderer, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.css') && !path.endsWith('tokens.css'),
);
const tokens = readFileSync(join(renderer, 'ui/tokens.css'), 'utf8');

/** A style sheet without comments and without the conditions of its media queries, which cannot hold custom properties. */
const bare = (css: string): string => css.replaceAll(/\/\*[\s\S]*?\*\//gu, '').replaceAll(/@media[^{]*/gu, '@media ');

const theme = (selector: string): Map<string, string> => {
  const begin = tokens.indexOf(selector);
  const block = tokens.slice(begin, tokens.indexOf('}', begin));
  return new Map(
    Array.from(block.matchAll(/(--[\w-]+):\s*(#[\da-f]{6});/gu), ([, name = '', value = '']) => [name, value]),
  );
};

/** Relative luminance and contrast as WCAG 2.2 defines them. */
const luminance = (hex: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (a: string, b: string): number => {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
};

describe('design tokens', () => {
  it('are the only place with a colour or a size', () => {
    expect(sheets.length).toBeGreaterThan(5);
    for (const sheet of sheets) {
      const css = bare(readFileSync(join(renderer, sheet), 'utf8'));
      expect
        .soft(css.match(/#[\da-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(|\b\d+(?:\.\d+)?(?:px|rem|em)\b/giu), sheet)
        .toBeNull();
    }
  });

  it('are all defined', () => {
    const defined = new Set(Array.from(tokens.matchAll(/(--[\w-]+):/gu), ([, name]) => name));
    // Written by components while they run.
    for (const name of ['--level', '--fraction', '--radix-dropdown-menu-content-available-height']) defined.add(name);
    for (const sheet of sheets) {
      const css = bare(readFileSync(join(renderer, sheet), 'utf8'));
      const unknown = Array.from(css.matchAll(/var\((--[\w-]+)/gu), ([, name]) => name).filter(
        (name) => !defined.has(name),
      );
      expect.soft(unknown, sheet).toEqual([]);
    }
  });

  it.each([':root {', ":root[data-theme='light']"])('give text at least 4.5:1 in %s', (selector) => {
    const colours = theme(selector);
    const colour = (name: string): string => colours.get(name) ?? '';
    for (const ground of ['--ground', '--panel', '--raised']) {
      for (const text of ['--text', '--quiet']) {
        expect.soft(contrast(colour(text), colour(ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
    }
    for (const [text, ground] of [
      ['--on-accent', '--accent'],
      ['--accent', '--accent-soft'],
      ['--warning', '--panel'],
      ['--warning', '--ground'],
      ['--text', '--warning-soft'],
    ] as const) {
      expect.soft(contrast(colour(text), colour(ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });
});
