import { assertNever, type ErrorCode } from '../../contract/errors.ts';

/** What the one button beside an error does; the screen that shows it decides how. */
export type ErrorHelp =
  | { kind: 'retry'; label: string }
  | { kind: 'settings'; section: 'devices' | 'recording' | 'cloud' | 'call' | 'automation' | 'about'; label: string }
  | { kind: 'library'; label: string };

/** A sentence for a person, what to do next, and at most one button. */
export type ErrorWords = { sentence: string; nextStep: string; help: ErrorHelp | null };

const retry = (label = 'Try again'): ErrorHelp => ({ kind: 'retry', label });

const recordingSettings: ErrorHelp = { kind: 'settings', section: 'recording', label: 'Choose another folder' };
const callSettings: ErrorHelp = { kind: 'settings', section: 'call', label: 'Open call settings' };
const cloudSettings: ErrorHelp = { kind: 'settings', section: 'cloud', label: 'Open cloud settings' };
const automationSettings: ErrorHelp = { kind: 'settings', section: 'automation', label: 'Choose another port' };
const aboutSettings: ErrorHelp = { kind: 'settings', section: 'about', label: 'See what is missing' };

const words: Record<ErrorCode, ErrorWords> = {
  INVALID_INPUT: {
    sentence: 'The app did not accept what was entered.',
    nextStep: 'Check the fields and try again.',
    help: retry(),
  },
  UNKNOWN_REQUEST: {
    sentence: 'This version of the app cannot do that.',
    nextStep: 'Restart the app. If it happens again, install the latest version.',
    help: null,
  },
  UNTRUSTED_SENDER: {
    sentence: 'A page that is not part of the app asked for something and was refused.',
    nextStep: 'Restart the app.',
    help: null,
  },
  NOT_FOUND: {
    sentence: 'That is no longer there.',
    nextStep: 'Look in the Library for what is.',
    help: { kind: 'library', label: 'Open Library' },
  },
  CONFLICT: {
    sentence: 'Something changed in the meantime.',
    nextStep: 'Look again and repeat it if you still want it.',
    help: retry(),
  },
  RATE_LIMITED: {
    sentence: 'That was too often in a short time.',
    nextStep: 'Wait a few seconds, then try again.',
    help: retry(),
  },
  ABORTED: {
    sentence: 'It was stopped before it was done.',
    nextStep: 'Start it again if you still want it.',
    help: retry(),
  },
  INTERNAL: {
    sentence: 'Something went wrong inside the app.',
    nextStep: 'What is already recorded is kept. Try again, or restart the app.',
    help: retry(),
  },
  UNAUTHORIZED: {
    sentence: 'A program did not say who it is.',
    nextStep: 'Give it the token of Settings > Automation.',
    help: null,
  },
  FORBIDDEN: {
    sentence: 'This is not allowed here.',
    nextStep: 'Ask the host of the call, or the owner of this app.',
    help: null,
  },
  PAYLOAD_TOO_LARGE: {
    sentence: 'A program sent more than the app takes at once.',
    nextStep: 'Send less.',
    help: null,
  },
  CONTROL_PORT_TAKEN: {
    sentence: 'The port for programs cannot be used: another program has it, or the system keeps it.',
    nextStep: 'Choose another port, or 0 for one that is free. Calls and recordings are not touched by this.',
    help: automationSettings,
  },
  INVITE_INVALID: {
    sentence: 'This invite link does not open a call.',
    nextStep: 'It is not whole, or the host has a new one. Ask the host to copy it again, and paste all of it.',
    help: null,
  },
  INVITE_EXPIRED: {
    sentence: 'This invite link has expired.',
    nextStep: 'Ask the host for a new one.',
    help: null,
  },
  CALL_NOT_FOUND: {
    sentence: 'There is no call behind this link.',
    nextStep: 'It may have ended. Ask the host for a new link.',
    help: retry('Look again'),
  },
  CALL_FULL: {
    sentence: 'This call is full.',
    nextStep:
      'It takes no more people, because each computer sends its picture to every other one. Wait until someone leaves.',
    help: retry('Look again'),
  },
  CALL_ENDED: { sentence: 'This call has ended.', nextStep: 'Ask the host for a new link.', help: null },
  REMOVED_FROM_CALL: {
    sentence: 'The host removed you from this call.',
    nextStep: 'Ask the host if you think that this is a mistake.',
    help: null,
  },
  ALREADY_IN_CALL: {
    sentence: 'You are in a call already.',
    nextStep: 'Leave that call first, then try again.',
    help: retry(),
  },
  NOT_IN_CALL: {
    sentence: 'You are not in a call any more.',
    nextStep: 'Open the link again to come back.',
    help: null,
  },
  NOT_HOST: { sentence: 'Only the host can do that.', nextStep: 'Ask the host of this call.', help: null },
  SIGNALING_UNREACHABLE: {
    sentence: 'The server of this call cannot be reached.',
    nextStep: 'Check your network, and that the host still has the call open.',
    help: retry(),
  },
  SIGNALING_REFUSED: {
    sentence: 'The server of this call refused the connection.',
    nextStep: 'You and the host may have different versions of the app, or the server address is wrong.',
    help: callSettings,
  },
  SIGNALING_PORT_TAKEN: {
    sentence: 'Another program uses the address this app wants to listen on.',
    nextStep: 'Close that program, or change the listen address.',
    help: callSettings,
  },
  DEVICE_MISSING: {
    sentence: 'No such device was found.',
    nextStep: 'Plug it in, or choose another one.',
    help: retry(),
  },
  DEVICE_BUSY: {
    sentence: 'Another program is using this device.',
    nextStep: 'Close that program, or choose another device.',
    help: retry(),
  },
  DEVICE_BLOCKED: {
    sentence: 'The system does not let this app use the device.',
    nextStep: 'Allow camera and microphone for Tallylight in the privacy settings of your system.',
    help: retry(),
  },
  RECORDING_NOT_FOUND: {
    sentence: 'This recording is not in the library any more.',
    nextStep: 'It may have been deleted.',
    help: { kind: 'library', label: 'Open Library' },
  },
  RECORDING_RUNNING: {
    sentence: 'This recording is still running.',
    nextStep: 'Stop it first, then try again.',
    help: null,
  },
  RECORDING_NOT_RUNNING: {
    sentence: 'This recording has stopped already.',
    nextStep: 'You find it in the Library.',
    help: { kind: 'library', label: 'Open Library' },
  },
  RECORDING_BUSY: {
    sentence: 'This recording is still being saved.',
    nextStep: 'Wait until it is done, then try again.',
    help: retry(),
  },
  TRACK_UNKNOWN: {
    sentence: 'This person has no file in the recording.',
    nextStep: 'The other files are kept as they are.',
    help: null,
  },
  SEGMENT_CLOSED: {
    sentence: 'A part of the recording was closed before its last bytes came.',
    nextStep: 'The recording goes on in a new part; nothing written is lost.',
    help: null,
  },
  CHUNK_GAP: {
    sentence: 'A piece of the recording did not arrive.',
    nextStep: 'The app sends it again by itself.',
    help: null,
  },
  CHUNK_CORRUPT: {
    sentence: 'A piece of the recording arrived damaged.',
    nextStep: 'The app sends it again by itself.',
    help: null,
  },
  CHUNK_TOO_LARGE: {
    sentence: 'A piece of the recording was too large to write.',
    nextStep: 'Choose a lower picture quality in the settings.',
    help: { kind: 'settings', section: 'recording', label: 'Open recording settings' },
  },
  FOLDER_IN_USE: {
    sentence: 'Another Tallylight is using the recordings folder.',
    nextStep: 'Close the other one, or choose another folder for this one.',
    help: recordingSettings,
  },
  FOLDER_UNWRITABLE: {
    sentence: 'The recordings folder cannot be written to.',
    nextStep: 'Choose another folder, or allow the app to write there.',
    help: recordingSettings,
  },
  DISK_FULL: {
    sentence: 'The disk is full.',
    nextStep: 'Make room, or choose a folder on another disk.',
    help: recordingSettings,
  },
  DISK_FAILED: {
    sentence: 'The disk did not take the recording.',
    nextStep: 'Check that the drive is still connected, or choose another folder.',
    help: recordingSettings,
  },
  MEDIA_UNREADABLE: {
    sentence: 'This file cannot be read.',
    nextStep: 'It may have been moved or damaged. The other files are kept as they are.',
    help: retry(),
  },
  FFMPEG_MISSING: {
    sentence: 'FFmpeg, which makes the finished files, was not found.',
    nextStep: 'What was recorded is safe. Install FFmpeg or give its path in the settings, then try again.',
    help: aboutSettings,
  },
  FFMPEG_FAILED: {
    sentence: 'A finished file could not be made.',
    nextStep: 'What was recorded is safe. Try again.',
    help: retry(),
  },
  FFMPEG_STALLED: {
    sentence: 'Making a file took too long and was stopped.',
    nextStep: 'What was recorded is safe. Close other heavy programs and try again.',
    help: retry(),
  },
  RESULT_INVALID: {
    sentence: 'A finished file did not pass its check.',
    nextStep: 'What was recorded is safe. Try again.',
    help: retry(),
  },
  NO_PICTURE: {
    sentence: 'There was no picture to show.',
    nextStep: 'The sound is kept. Preview pictures need a camera that was on.',
    help: null,
  },
  CLOUD_UNREACHABLE: {
    sentence: 'The bucket cannot be reached.',
    nextStep: 'Check the network. Uploads go on by themselves when it is back.',
    help: retry(),
  },
  CLOUD_BUSY: {
    sentence: 'The bucket has no time at the moment.',
    nextStep: 'Uploads are tried again by themselves.',
    help: retry(),
  },
  CLOUD_NOT_SET_UP: {
    sentence: 'No bucket is set up.',
    nextStep: 'Choose a provider, a bucket and credentials.',
    help: cloudSettings,
  },
  CLOUD_KEY_WRONG: {
    sentence: 'The bucket does not accept these credentials.',
    nextStep: 'Enter the key again. Nothing here was changed.',
    help: cloudSettings,
  },
  CLOUD_FORBIDDEN: {
    sentence: 'These credentials may not do that in this bucket.',
    nextStep: 'Whoever runs the bucket can allow reading, writing and deleting for them.',
    help: cloudSettings,
  },
  CLOUD_BUCKET_MISSING: {
    sentence: 'There is no bucket of this name.',
    nextStep: 'Check the name, the region and the address.',
    help: cloudSettings,
  },
  CLOUD_CLOCK_WRONG: {
    sentence: 'The clock of this computer is wrong.',
    nextStep: 'Set date and time, then try again: a bucket refuses requests that are minutes off.',
    help: retry(),
  },
  CLOUD_CREDENTIALS_INVALID: {
    sentence: 'These are not credentials that can be used.',
    nextStep: 'Copy them again from your provider, whole.',
    help: cloudSettings,
  },
  CLOUD_UPLOAD_GONE: {
    sentence: 'The bucket forgot what was already sent.',
    nextStep: 'Send it again from the beginning.',
    help: retry('Send again'),
  },
  CLOUD_OBJECT_MISSING: {
    sentence: 'This file is not in the bucket.',
    nextStep: 'Send it again.',
    help: retry('Send again'),
  },
  CLOUD_CONTENT_DIFFERS: {
    sentence: 'What lies in the bucket is not what was sent.',
    nextStep: 'The copy here is kept. Send it again.',
    help: retry('Send again'),
  },
  CLOUD_REFUSED: {
    sentence: 'The bucket refused this.',
    nextStep: 'Look at the details, then try again.',
    help: retry(),
  },
  SOURCE_CHANGED: {
    sentence: 'The file here was changed while it was being sent.',
    nextStep: 'Send it again.',
    help: retry('Send again'),
  },
  SECRETS_UNAVAILABLE: {
    sentence: 'The stored credentials cannot be read on this computer.',
    nextStep: 'Enter them again.',
    help: cloudSettings,
  },
};

/** What a person is told of an error, by its code. */
export function errorWords(code: ErrorCode): ErrorWords {
  return words[code];
}

/** The same for someone who starts a call: the server is then the one of the own settings, not of a host. */
export function startErrorWords(code: ErrorCode): ErrorWords {
  if (code !== 'SIGNALING_UNREACHABLE') return words[code];
  return {
    sentence: 'The signaling server cannot be reached.',
    nextStep: 'Check your network, and the address of the server in the settings.',
    help: callSettings,
  };
}

const deviceNames = { camera: 'camera', microphone: 'microphone' } as const;

/** Device errors with the device's name in them. */
export function deviceWords(
  device: keyof typeof deviceNames,
  code: 'DEVICE_MISSING' | 'DEVICE_BUSY' | 'DEVICE_BLOCKED',
): ErrorWords {
  const name = deviceNames[device];
  switch (code) {
    case 'DEVICE_MISSING':
      return { sentence: `No ${name} was found.`, nextStep: 'Plug one in, or choose another one.', help: retry() };
    case 'DEVICE_BUSY':
      return {
        sentence: `Another program is using your ${name}.`,
        nextStep: `Close that program, or choose another ${name}.`,
        help: retry(),
      };
    case 'DEVICE_BLOCKED':
      return {
        sentence: `The system does not let this app use your ${name}.`,
        nextStep: `Allow the ${name} for Tallylight in the privacy settings of your system.`,
        help: retry(),
      };
    default:
      return assertNever(code);
  }
}
