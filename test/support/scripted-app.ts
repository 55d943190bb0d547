// Run by tests of "tallylight start" in place of the app: `PROFILE runs|off|fails`.
import { createServer } from 'node:http';
import { CONTROL_HOST } from '../../contract/control.ts';
import { answerJson, writeControl } from './scripted-control.ts';

const [profile = '', how] = process.argv.slice(2);

if (how === 'runs') {
  const server = createServer((request, response) => {
    if (request.url === '/health') {
      answerJson(response, 200, { success: true, data: { status: 'ok', version: '0.0.0' }, message: '' });
      return;
    }
    const inviteLink = 'tallylight://join/started';
    const callId = '01234567-89ab-cdef-0123-456789abcdef';
    const joinedAt = new Date(0).toISOString();
    const call = {
      callId,
      title: '',
      inviteLink,
      role: 'host',
      joinedAt,
      participantLimit: 6,
      participants: [],
      recording: null,
    };
    answerJson(response, 201, { success: true, data: call, message: '' });
  });
  server.listen(0, CONTROL_HOST, () => {
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    void writeControl(profile, { port, pid: process.pid });
  });
} else {
  // An app that finds itself running already ends well at once; one that cannot start does not.
  process.exitCode = how === 'off' ? 0 : 7;
}
