import { randomUUID } from 'node:crypto';
import { expect, test, type Page } from '@playwright/test';
import { parseInviteLink } from '../../contract/invite.ts';
import { startCall } from '../../scripts/demo/drive.ts';
import { openPeer, openRooms } from '../faults/attack-rooms.ts';
import { currentCall, openMeeting } from '../support/meeting.ts';
import { joinBy, peerFrame } from '../support/room-sockets.ts';

const FRAMES = 150;
const FRAME_BYTES = 60_000;

/** Bytes that the page's script holds on to. */
async function heldBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

test('answers to questions that nobody asked are not kept in the memory of the window', async () => {
  const meeting = await openMeeting();
  try {
    const ana = await meeting.launch('Ana');
    const { callId, server, token } = parseInviteLink(await startCall(ana));
    const door = { port: Number(new URL(server).port) };
    const room = await openRooms(door);
    const seat = await joinBy(room, { callId, invite: token, identity: randomUUID() }, 'Mallory');
    const host = (await currentCall(ana.page))?.ticket.peerId ?? '';
    const peer = await openPeer(door, seat);
    await peer.next(peerFrame('OPEN'));
    await expect.poll(async () => (await currentCall(ana.page))?.participants.length).toBe(2);

    const before = await heldBytes(ana.page);
    const sdp = { type: 'answer', sdp: 'v=0\r\n'.padEnd(FRAME_BYTES, 'x') };
    for (let n = 0; n < FRAMES; n += 1) {
      peer.send({ type: 'ANSWER', dst: host, payload: { type: 'media', connectionId: `never-${n}`, sdp } });
    }
    await room.close();
    await expect
      .poll(async () => (await currentCall(ana.page))?.participants.find(({ name }) => name === 'Mallory')?.present)
      .toBe(false);
    const risenBytes = (await heldBytes(ana.page)) - before;
    expect(risenBytes).toBeLessThan((FRAMES * FRAME_BYTES) / 3);
    await peer.close();
  } finally {
    await meeting.end();
  }
});
