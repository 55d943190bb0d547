import { describe, expect, it } from 'vitest';
import { participantSchema, type Participant } from '../../contract/call.ts';
import type { PersonView } from '../../renderer/call/call-view.ts';
import { deviceChoices } from '../../renderer/lobby/device-choices.ts';
import { callTitle } from '../../renderer/stage/call-title.ts';
import {
  connectionWords,
  removalWords,
  removedWords,
  signalWord,
  signalWords,
  tileLabel,
} from '../../renderer/stage/person-words.ts';

const participant = (over: object = {}): Participant =>
  participantSchema.parse({
    id: '00000000-0000-4000-8000-000000000001',
    peerId: '00000000-0000-4000-8000-000000000002',
    name: 'Ana',
    role: 'host',
    microphoneOn: true,
    cameraOn: true,
    order: 0,
    present: true,
    ...over,
  });
const person = (over: Partial<PersonView> = {}): PersonView => ({
  participant: participant(),
  isSelf: false,
  stream: null,
  connection: 'connected',
  ...over,
});

describe('a tile in words', () => {
  it('names only what is not as usual', () => {
    expect(tileLabel(person())).toBe('Ana');
    expect(tileLabel(person({ isSelf: true, participant: participant({ microphoneOn: false }) }))).toBe(
      'Ana (you), muted',
    );
    expect(tileLabel(person({ connection: 'reconnecting', participant: participant({ cameraOn: false }) }))).toBe(
      'Ana, camera off, reconnecting',
    );
  });

  it('says of a lost participant that the call waits for them', () => {
    expect(connectionWords(person({ participant: participant({ present: false }) }))).toBe('Connection lost, waiting');
  });

  it('never speaks of a connection to oneself', () => {
    expect(connectionWords(person({ isSelf: true, connection: 'connecting' }))).toBeNull();
  });
});

describe('the bars of a tile', () => {
  it('say of others how they arrive, and of oneself what goes out', () => {
    expect(signalWords(person(), 'Fair: 2 % of the sound and picture is lost')).toBe(
      'From Ana: fair: 2 % of the sound and picture is lost',
    );
    expect(signalWords(person({ isSelf: true }), 'Good')).toBe('What you send: good');
  });

  it('have a word beside them only when they are few, and the tile does not say more already', () => {
    expect(signalWord(person(), { bars: 3, words: 'Fair: x' })).toBeNull();
    expect(signalWord(person(), { bars: 2, words: 'Weak: 4 % of the sound and picture is lost' })).toBe('Weak');
    expect(signalWord(person(), { bars: 0, words: 'Nothing arrives' })).toBe('Nothing arrives');
    expect(signalWord(person({ connection: 'reconnecting' }), { bars: 0, words: 'Not measured yet' })).toBeNull();
    const self = person({ isSelf: true });
    expect(signalWord(self, { bars: 2, words: 'Your computer is too busy to send the full picture' })).toBe(
      'Held back',
    );
    expect(signalWord(self, { bars: 0, words: 'Nothing of you goes out' })).toBe('Not sent');
    expect(signalWord(self, { bars: 4, words: 'Good' })).toBeNull();
  });
});

describe('removing somebody', () => {
  it('says that it is for good and what becomes of the link', () => {
    const { title, text } = removalWords('Ben', false);
    expect(title).toBe('Remove Ben from the call?');
    expect(text).toBe(
      'Ben cannot come back, and the invite link changes: people who have not joined yet need the new one.',
    );
    expect(removedWords('Ben')).toContain('new');
  });

  it('says while recording that what is recorded stays', () => {
    expect(removalWords('Ben', true).text).toContain('What is recorded of Ben until now is kept.');
  });
});

describe('title of a call', () => {
  it('is the given one, else whose call it is', () => {
    const host = participant();
    expect(callTitle({ title: 'Talk', hostId: host.id, participants: [host] })).toBe('Talk');
    expect(callTitle({ title: '', hostId: host.id, participants: [host] })).toBe("Ana's call");
    expect(callTitle({ title: '', hostId: host.id, participants: [] })).toBe('Call');
  });
});

describe('device menu', () => {
  it('puts the default first, leaves out its aliases and names what has no label', () => {
    const devices = [
      { deviceId: 'default', label: 'Default' },
      { deviceId: 'communications', label: 'Communications' },
      { deviceId: 'a', label: 'Built-in' },
      { deviceId: 'b', label: '' },
    ];
    expect(deviceChoices(devices, '', 'Microphone')).toEqual([
      { value: '', label: 'System default' },
      { value: 'a', label: 'Built-in' },
      { value: 'b', label: 'Microphone 2' },
    ]);
  });

  it('keeps showing a chosen device that is unplugged', () => {
    expect(deviceChoices([], 'gone', 'Camera').at(-1)).toEqual({
      value: 'gone',
      label: 'Chosen camera, not connected',
    });
  });
});
