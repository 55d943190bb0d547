import { describe, expect, it } from 'vitest';
import type { ControlStatus } from '../../contract/control.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import { MESH_PARTICIPANT_LIMIT, settingsPatchSchema } from '../../contract/settings.ts';
import { callSizeChoices, callSizeHelp } from '../../renderer/settings/call-size.ts';
import { checkControlPort } from '../../renderer/settings/control-port.ts';
import { controlFailure, controlLine } from '../../renderer/settings/control-words.ts';

const status = (over: Partial<ControlStatus> = {}): ControlStatus => ({
  state: 'off',
  port: null,
  file: null,
  error: null,
  byArgument: false,
  ...over,
});
const failed = (code: ErrorCode, over: Partial<ControlStatus> = {}): ControlStatus =>
  status({ state: 'failed', error: { code, message: 'It did not work.', retryable: true }, ...over });

describe('the control API in words', () => {
  it('says where it is when it is on', () => {
    expect(controlLine(status())).toBe('Off: no program can use Tallylight.');
    expect(controlLine(status({ state: 'starting' }))).toBe('Starting');
    expect(controlLine(status({ state: 'on', port: 41_234 }))).toBe('On at http://127.0.0.1:41234.');
  });

  it('leaves a failure to a sentence with a next step', () => {
    expect(controlLine(failed('CONTROL_PORT_TAKEN'))).toBeNull();
    expect(controlFailure(status({ state: 'on', port: 1 }))).toBeNull();
    expect(controlFailure(failed('CONTROL_PORT_TAKEN'))).toMatchObject({
      nextStep: expect.stringContaining('Choose another port, or 0'),
      help: { kind: 'settings', section: 'automation' },
    });
  });

  it('offers no field for a port that the command line gave', () => {
    const words = controlFailure(failed('CONTROL_PORT_TAKEN', { byArgument: true }));
    expect(words?.help).toBeNull();
    expect(words?.nextStep).toContain('another number for --control-port');
  });

  it('speaks of programs and not of recordings when control.json cannot be written', () => {
    const words = controlFailure(failed('FOLDER_UNWRITABLE'));
    expect(words?.sentence).toContain('Programs');
    expect(words?.help).toEqual({ kind: 'retry', label: 'Try again' });
  });
});

describe('the port of the control API', () => {
  it.each(['0', '1', ' 8080 ', '65535'])('takes %j', (typed) => {
    expect(checkControlPort(typed)).toEqual({ ok: true, value: { controlPort: Number(typed) } });
  });

  it.each(['', '65536', '-1', '80.5', '1e3', '0x50', 'http', '٣'])('refuses %j and says what it takes', (typed) => {
    const checked = checkControlPort(typed);
    expect(checked.ok ? '' : checked.reason).toContain('from 0 to 65535');
  });
});

describe('the largest call', () => {
  it('offers exactly the sizes that the settings take', () => {
    const taken = [0, 1, 2, 3, 4, 5, 6, 7, 8].filter(
      (maxParticipantsPerRoom) => settingsPatchSchema.safeParse({ maxParticipantsPerRoom }).success,
    );
    expect(callSizeChoices.map(({ value }) => Number(value))).toEqual(taken);
  });

  it('says why there is a largest one', () => {
    expect(callSizeHelp).toContain('sends its picture to every other one');
    expect(callSizeHelp).toContain(String(MESH_PARTICIPANT_LIMIT));
  });
});
