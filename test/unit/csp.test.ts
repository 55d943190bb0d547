import { expect, it } from 'vitest';
import { contentSecurityPolicy } from '../../main/shell/csp.ts';

const directives = new Map(
  contentSecurityPolicy()
    .split('; ')
    .map((directive) => {
      const [name = '', ...sources] = directive.split(' ');
      return [name, sources];
    }),
);

it('allows nothing that is not named', () => {
  expect(directives.get('default-src')).toEqual(["'none'"]);
});

it('never allows inline code, eval or plugins', () => {
  expect(contentSecurityPolicy()).not.toMatch(/unsafe|\*|https?:/);
  expect(directives.get('script-src')).toEqual(["'self'"]);
  expect(directives.get('object-src')).toEqual(["'none'"]);
  expect(directives.get('base-uri')).toEqual(["'none'"]);
});

it('lets the page reach signaling servers by WebSocket and nothing else', () => {
  expect(directives.get('connect-src')).toEqual(["'self'", 'ws:', 'wss:']);
});

it('lets recordings be played and their thumbnails be shown', () => {
  expect(directives.get('media-src')).toContain('tallylight-media:');
  expect(directives.get('img-src')).toContain('tallylight-media:');
});
