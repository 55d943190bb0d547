import { expect, it } from 'vitest';
import { nextCloseState, type CloseEvent, type CloseState } from '../../main/shell/close-question.ts';

const after = (...events: CloseEvent[]): CloseState['kind'] =>
  events.reduce<CloseState>(nextCloseState, { kind: 'open' }).kind;

const press: CloseEvent = { kind: 'closePressed', busy: true };
const end: CloseEvent = { kind: 'chosen', choice: 'endAndClose' };
const stay: CloseEvent = { kind: 'chosen', choice: 'stay' };
const silent: CloseEvent = { kind: 'pageSilent' };

it('closes without a question when nothing runs', () => {
  expect(after({ kind: 'closePressed', busy: false })).toBe('ending');
});

it('asks once when a call runs, and does what the person chooses', () => {
  expect(after(press)).toBe('asking');
  expect(after(press, stay)).toBe('open');
  expect(after(press, end)).toBe('ending');
  expect(after(press, end, { kind: 'ended' })).toBe('closed');
});

it('asks again after the person stayed', () => {
  expect(after(press, stay, press)).toBe('asking');
});

it('asks by the system when the page is silent or the person presses again', () => {
  expect(after(press, silent)).toBe('askingNatively');
  expect(after(press, press)).toBe('askingNatively');
  expect(after(press, silent, stay)).toBe('open');
  expect(after(press, silent, end)).toBe('ending');
});

it('does not ask by the system when the answer came before the page was called silent', () => {
  expect(after(press, stay, silent)).toBe('open');
});

it('can not be stopped once it ends', () => {
  expect(after(press, end, stay)).toBe('ending');
  expect(after(press, end, press, press)).toBe('ending');
  expect(after({ kind: 'mustGo' }, { kind: 'ended' }, stay)).toBe('closed');
});

it('goes without a question when it must', () => {
  expect(after({ kind: 'mustGo' })).toBe('ending');
  expect(after(press, { kind: 'mustGo' })).toBe('ending');
});
