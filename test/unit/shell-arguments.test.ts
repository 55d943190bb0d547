import { describe, expect, test } from 'vitest';
import { COMMAND_WORDS } from '../../main/cli/command.ts';
import { commandOfArguments } from '../../main/shell/command-argument.ts';
import { controlOfArguments } from '../../main/shell/control-argument.ts';

const packaged = (...args: string[]) => commandOfArguments(['/opt/tallylight', ...args], { defaultApp: false });
const unpackaged = (...args: string[]) => commandOfArguments(['/x/electron', ...args], { defaultApp: true });

describe('a command among the arguments of the app', () => {
  test.each(COMMAND_WORDS)('%s is one', (word) => {
    expect(packaged(word)).toEqual([word]);
    expect(unpackaged('.', word)).toEqual([word]);
  });

  test('keeps what follows it, and of what precedes it what is its own', () => {
    expect(packaged('--no-sandbox', '--json', 'record', 'start', '--profile', 'x')).toEqual([
      '--json',
      'record',
      'start',
      '--profile',
      'x',
    ]);
    expect(unpackaged('--no-sandbox', '.', '--user-data-dir=/p', 'status')).toEqual(['status']);
  });

  test('help and the version are told without a command, and open no window', () => {
    expect(packaged('--help')).toEqual(['--help']);
    expect(packaged('--no-sandbox', '-h')).toEqual(['-h']);
    expect(unpackaged('.', '--version')).toEqual(['--version']);
    expect(packaged('--help', 'record')).toEqual(['--help', 'record']);
  });

  test.each([
    [],
    ['--help', 'tallylight://join/x'],
    ['tallylight://join/x'],
    ['--control-port=0'],
    ['--control-port=0', 'tallylight://join/x', 'status'],
    ['/home/ana/start'],
    ['START'],
    ['-psn_0_123'],
  ])('%j opens the app', (...args) => {
    expect(packaged(...args)).toBeNull();
  });

  test('the folder of the app is no command, whatever it is called', () => {
    expect(unpackaged('status')).toBeNull();
    expect(unpackaged()).toBeNull();
  });
});

describe('--control-port', () => {
  test('absent leaves it to the settings', () => {
    expect(controlOfArguments(['.', 'tallylight://join/x', '--control-ports=1'])).toEqual({ kind: 'none' });
  });

  test.each([
    ['0', 0],
    ['1', 1],
    ['65535', 65_535],
  ])('%s is a port', (text, port) => {
    expect(controlOfArguments([`--control-port=${text}`])).toEqual({ kind: 'port', port });
  });

  test('the last one counts', () => {
    expect(controlOfArguments(['--control-port=x', '--control-port=7'])).toEqual({ kind: 'port', port: 7 });
  });

  test.each([
    '--control-port',
    '--control-port=',
    '--control-port=65536',
    '--control-port=-1',
    '--control-port=1e3',
    '--control-port=0x10',
    '--control-port= 1',
    '--control-port=000000',
  ])('%s is refused with the range', (argument) => {
    expect(controlOfArguments([argument])).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('65535'),
    });
  });
});
