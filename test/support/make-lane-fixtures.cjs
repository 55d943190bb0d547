// Makes test/fixtures/lanes/ from real MediaRecorders on Chromium's fake devices. Run by Electron, not by Node:
//   xvfb-run -a <electron> [--no-sandbox] test/support/make-lane-fixtures.cjs
const { app, BrowserWindow } = require('electron');
const { mkdtempSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const folder = path.join(__dirname, '..', 'fixtures', 'lanes');
const temporary = mkdtempSync(path.join(tmpdir(), 'lane-fixtures-'));
app.commandLine.appendSwitch('use-fake-device-for-media-stream', 'fps=15');
app.commandLine.appendSwitch('use-fake-ui-for-media-stream');
app.setPath('userData', temporary);

async function recordAll() {
  const fixtures = [];
  const wait = (elapsedMs) => new Promise((resolve) => setTimeout(resolve, elapsedMs));
  async function record(name, tracks, mimeType, elapsedMs) {
    const rates = { videoBitsPerSecond: 120_000, audioBitsPerSecond: 32_000 };
    const recorder = new MediaRecorder(new MediaStream(tracks), mimeType === null ? {} : { mimeType, ...rates });
    const chunks = [];
    recorder.addEventListener('dataavailable', (event) => chunks.push(event.data.arrayBuffer()));
    recorder.start(250);
    await wait(elapsedMs);
    const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve));
    recorder.stop();
    await stopped;
    const buffers = await Promise.all(chunks);
    const bytes = new Uint8Array(await new Blob(buffers).arrayBuffer());
    const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    fixtures.push({ name, mimeType: recorder.mimeType, chunkSizes: buffers.map((b) => b.byteLength), base64 });
  }
  async function receive(sent, mimeType) {
    const from = new RTCPeerConnection();
    const to = new RTCPeerConnection();
    from.addEventListener('icecandidate', ({ candidate }) => void to.addIceCandidate(candidate));
    to.addEventListener('icecandidate', ({ candidate }) => void from.addIceCandidate(candidate));
    const received = new Promise((resolve) => to.addEventListener('track', (event) => resolve(event.track)));
    const transceiver = from.addTransceiver(sent, { direction: 'sendonly' });
    const { codecs } = RTCRtpSender.getCapabilities('video');
    transceiver.setCodecPreferences(codecs.filter((codec) => codec.mimeType === mimeType));
    await from.setLocalDescription();
    await to.setRemoteDescription(from.localDescription);
    await to.setLocalDescription();
    await from.setRemoteDescription(to.localDescription);
    return { track: await received, sender: transceiver.sender };
  }
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { width: 160, height: 120, frameRate: 15 },
    audio: true,
  });
  const [video] = stream.getVideoTracks();
  const [audio] = stream.getAudioTracks();
  await Promise.all([
    record('audio-opus.webm', [audio], null, 3000),
    record('video-vp8.webm', [video], 'video/webm;codecs=vp8', 3000),
  ]);
  await record('video-h264.mkv', [video], 'video/x-matroska;codecs=avc1', 3000);
  await record('mix-vp8.webm', [audio, video], 'video/webm;codecs=vp8,opus', 3000);
  await record('mix-h264.mkv', [audio, video], 'video/x-matroska;codecs=avc1,opus', 3000);
  const { track, sender } = await receive(video, 'video/H264');
  await wait(1000);
  async function halveSize() {
    await wait(1500);
    const parameters = sender.getParameters();
    parameters.encodings[0].scaleResolutionDownBy = 2;
    await sender.setParameters(parameters);
  }
  await Promise.all([record('received-h264-resized.mkv', [track], null, 3000), halveSize()]);
  return fixtures;
}

async function main() {
  await app.whenReady();
  // Devices are only given to a secure context, which a file is and about:blank is not.
  const page = path.join(temporary, 'page.html');
  writeFileSync(page, '<!doctype html>');
  const window = new BrowserWindow({ show: false, webPreferences: { backgroundThrottling: false } });
  await window.loadFile(page);
  const fixtures = await window.webContents.executeJavaScript(`(${recordAll.toString()})()`);
  const chunkSizes = {};
  for (const fixture of fixtures) {
    writeFileSync(path.join(folder, fixture.name), Buffer.from(fixture.base64, 'base64'));
    chunkSizes[fixture.name] = { mimeType: fixture.mimeType, chunkSizes: fixture.chunkSizes };
  }
  writeFileSync(path.join(folder, 'chunks.json'), `${JSON.stringify(chunkSizes, null, 2)}\n`);
  app.quit();
}

void main();
