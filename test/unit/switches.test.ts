import { expect, test } from 'vitest';
import { refusalOfStart, type Start } from '../../main/shell/switches.ts';

const refusal = (args: string[], start: Partial<Start> = {}): string | null =>
  refusalOfStart({ args, environment: {}, platform: 'linux', root: false, ...start });

test.each([
  '--remote-debugging-port=9222',
  '--remote-debugging-port',
  '--remote-debugging-pipe',
  '--remote-debugging-address=0.0.0.0',
  '--remote-debugging-targets=x',
  '--remote-allow-origins=*',
  '--inspect',
  '--inspect=0',
  '--inspect-brk',
  '--inspect_brk=9229',
  '--inspect-port=0',
  '--inspect-publish-uid=http',
  '--debug-brk',
  '--wait-for-debugger',
  '--js-flags=--expose-gc',
  '--load-extension=/tmp/x',
  '--disable-extensions-except=/tmp/x',
  '--browser-subprocess-path=/tmp/x',
  '--renderer-cmd-prefix=/tmp/x',
  '--utility-cmd-prefix=/tmp/x',
  '--gpu-launcher=/tmp/x',
  '--no-sandbox',
  '--no-zygote',
  '--disable-setuid-sandbox',
  '--disable-namespace-sandbox',
  '--disable-seccomp-filter-sandbox',
  '--disable-gpu-sandbox',
  '--single-process',
  '--disable-web-security',
  '--disable-site-isolation-trials',
  '--disable-features=Vulkan,IsolateOrigins',
  '--disable-features=site-per-process',
  '--allow-running-insecure-content',
  '--allow-file-access-from-files',
  '--unsafely-treat-insecure-origin-as-secure=http://x',
  '--bypasscsp-schemes=tallylight-app',
  '--enable-blink-features=X',
  '--use-mock-cert-verifier-for-testing',
  '--ignore-certificate-errors',
  '--ignore-certificate-errors-spki-list=x',
  '--allow-insecure-localhost',
  '--host-rules=MAP * 127.0.0.1',
  '--host-resolver-rules=MAP * 127.0.0.1',
  '--disable-webrtc-encryption',
  '--ssl-key-log-file=/tmp/x',
  '--log-net-log=/tmp/x',
  '--auth-server-allowlist=*',
])('the packaged app does not start with %s', (arg) => {
  const name = arg.slice(2).split('=')[0]?.replaceAll('_', '-');
  expect(refusal([arg])).toMatch(new RegExp(`^Tallylight does not start with --${name}: [a-z ,]+\\.$`));
  // Whatever stands around it.
  expect(refusal(['tallylight://join/x', '--user-data-dir=/p', arg, 'list'])).not.toBeNull();
});

test.each([
  ['one dash', ['-remote-debugging-port=1']],
  ['a value of its own', ['--remote-debugging-port', '9222']],
  ['upper case', ['--Remote-Debugging-PORT=1']],
  ['white space around it', [' \t--remote-debugging-port=1 ']],
  ['a command behind it', ['--inspect', 'status']],
  ['a command in front of it', ['status', '--inspect']],
])('a dangerous switch is recognised with %s', (_form, args) => {
  expect(refusal(args)).not.toBeNull();
});

test('a slash begins a switch on Windows and a path elsewhere', () => {
  expect(refusal(['/remote-debugging-port=1'], { platform: 'win32' })).not.toBeNull();
  expect(refusal(['/REMOTE-DEBUGGING-PIPE'], { platform: 'win32' })).not.toBeNull();
  expect(refusal(['/inspect'], { platform: 'linux' })).toBeNull();
});

test('what Chromium reads as no switch is none', () => {
  expect(refusal(['--', '--remote-debugging-port=1'])).toBeNull();
  expect(refusal(['remote-debugging-port=1', '-', 'tallylight://join/x?--inspect'])).toBeNull();
  expect(refusal(['--inspection', '--my-inspect', '--debugger', '--sandbox'])).toBeNull();
});

test('only root may go without the sandbox, and root may nothing else', () => {
  expect(refusal(['--no-sandbox', '--disable-setuid-sandbox', '--no-zygote'], { root: true })).toBeNull();
  expect(refusal(['--no-sandbox', '--inspect'], { root: true })).toMatch(/--inspect:/);
  const environment = { ELECTRON_DISABLE_SANDBOX: '' };
  expect(refusal([], { environment })).toMatch(/ELECTRON_DISABLE_SANDBOX/);
  expect(refusal([], { environment, root: true })).toBeNull();
});

test('an AppImage that was started without a sandbox says what helps', () => {
  const environment = { APPIMAGE: '/home/ana/Tallylight.AppImage' };
  expect(refusal(['--no-sandbox'], { environment })).toMatch(/install the deb instead\.$/);
  expect(refusal(['--inspect'], { environment })).not.toContain('deb');
  expect(refusal(['--no-sandbox'])).not.toContain('deb');
});

test('switches for folders, displays, devices and the control API pass, and so do commands', () => {
  expect(
    refusal([
      '--user-data-dir=/tmp/p',
      '--control-port=0',
      '--use-fake-device-for-media-stream=fps=30',
      '--use-fake-ui-for-media-stream',
      '--use-file-for-fake-video-capture=/tmp/x.y4m',
      '--ozone-platform=wayland',
      '--enable-features=WebRTCPipeWireCapturer',
      '--disable-features=WaylandFractionalScaleV1',
      '--force-device-scale-factor=2',
      '--disable-gpu',
      '--lang=de',
      '--proxy-server=socks5://127.0.0.1:9',
      '--enable-logging',
      '-psn_0_12345',
    ]),
  ).toBeNull();
  expect(refusal(['record', 'mark', 'no-sandbox', '--json'])).toBeNull();
  expect(refusal(['export', 'x', '--format', 'mp4', '--out', '/tmp/inspect'])).toBeNull();
});
