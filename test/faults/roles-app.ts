import { crc32 } from 'node:zlib';
import { randomUUID } from 'node:crypto';
import type { AttackedCall } from './attacked-call.ts';
import type { RoleBook } from './role-book.ts';

/** A guest whose own window asks for what is the host's, of their own app. */
export async function attackAppRoles(book: RoleBook, scene: AttackedCall): Promise<void> {
  const { host, guest, recording, trackId, segment, call, guestCall } = scene;
  const recordingId = recording.id;
  const bytes = new Uint8Array([1, 2, 3]);
  const asked: [name: string, input: object][] = [
    ['recording.start', {}],
    ['recording.stop', { recordingId }],
    ['recording.pause', { recordingId }],
    ['recording.resume', { recordingId }],
    ['recording.delete', { recordingId }],
    ['recording.delete', { recordingId, alsoInBucket: true }],
    ['recording.addMarker', { recordingId }],
    ['recording.rename', { recordingId, title: 'Mine' }],
    ['recording.pin', { recordingId, pinned: true }],
    ['recording.get', { recordingId }],
    ['recording.exportTrack', { recordingId, trackId }],
    ['recording.retry', { recordingId }],
    ['recording.attach', { recordingId, clockMs: 0 }],
    ['recording.openTrack', { recordingId, participantId: guestCall.selfId, source: 'camera' }],
    ['recording.openSegment', { recordingId, trackId, lanes: ['av'], atMs: 0 }],
    ['recording.closeSegment', { recordingId, trackId, segment, reason: 'stopped' }],
    ['recording.append', { recordingId, trackId, segment, lane: 'av', seq: 0, crc32: crc32(bytes), atMs: 0, bytes }],
    ['recording.showInFolder', { recordingId, deliverableId: null }],
    ['call.end', {}],
    ['call.remove', { participantId: call.selfId }],
    ['call.remove', { participantId: guestCall.selfId }],
    ['cloud.upload', { recordingId }],
    ['cloud.removeFiles', { recordingId }],
    ['bin.restore', { entry: `${recordingId}.1.recording` }],
  ];
  for (const [name, input] of asked) {
    await book.attack(`a guest's app asks for ${name}`, async () => (await guest.raw(name, input)).ok);
  }
  await book.right(
    'the host adds a marker',
    async () => (await host.result('recording.addMarker', { recordingId })).ok,
  );
  await book.right(
    'the host reads how the recording is',
    async () => (await host.result('recording.get', { recordingId })).ok,
  );
  await book.attack('the host removes somebody who is not there', async () => {
    return (await host.raw('call.remove', { participantId: randomUUID() })).ok;
  });
}
