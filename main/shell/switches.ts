/** What of a start the decision looks at. */
export type Start = {
  /** Without the program itself. */
  args: readonly string[];
  environment: Readonly<Record<string, string | undefined>>;
  platform: string;
  /** Whether the user is root, for whom Chromium has no sandbox. */
  root: boolean;
};

type Rule = {
  /** Tested against the whole name, in lower case and without the dashes. */
  name: RegExp;
  /** What it would do; the end of the sentence that is printed. */
  would: string;
  /** For root only: without it nothing starts. */
  rootMay?: true;
};

const DEBUGGING = 'it would let other programs look into the app and steer it';
const FOREIGN_CODE = 'it would run code in the app that is not its own';
const SANDBOX = 'it would take away the sandbox that the window runs in';
const PAGE = 'it would take down walls between the window and what is outside of it';
const NETWORK = 'it would let others pose as the servers of a call, or read what is sent';

// Switches of Chromium, Electron and Node that open the app to others:
// https://peter.sh/experiments/chromium-command-line-switches/
// https://www.electronjs.org/docs/latest/api/command-line-switches
const RULES: readonly Rule[] = [
  // Also "inspect-brk", "inspect-port", "inspect-publish-uid"; "debug" is what Node called them before.
  { name: /^(?:remote-debugging-.*|remote-allow-origins|inspect(?:-.*)?|debug(?:-.*)?)$/, would: DEBUGGING },
  { name: /^(?:wait-for-debugger.*|auto-open-devtools-for-tabs|custom-devtools-frontend)$/, would: DEBUGGING },
  { name: /^experimental-network-inspection$/, would: DEBUGGING },

  { name: /^(?:js-flags|load-extension|load-component-extension|disable-extensions-except)$/, would: FOREIGN_CODE },
  { name: /^(?:browser-subprocess-path|gpu-launcher|.*-cmd-prefix)$/, would: FOREIGN_CODE },

  { name: /^(?:no-sandbox|no-zygote|no-zygote-sandbox|no-unsandboxed-zygote)$/, would: SANDBOX, rootMay: true },
  { name: /^disable-(?:.*-)?sandbox$/, would: SANDBOX, rootMay: true },
  { name: /^(?:single-process|in-process-gpu|allow-no-sandbox-job|allow-sandbox-debugging)$/, would: SANDBOX },
  { name: /^(?:disable-win32k-lockdown|service-sandbox-type)$/, would: SANDBOX },

  { name: /^(?:disable-web-security|disable-site-isolation.*|reduce-security-for-testing)$/, would: PAGE },
  { name: /^(?:allow-running-insecure-content|allow-file-access-from-files)$/, would: PAGE },
  { name: /^(?:allow-universal-access-from-files|unsafely-treat-insecure-origin-as-secure)$/, would: PAGE },
  // Electron gives its own schemes to the window by these; ours are registered in schemes.ts.
  { name: /^(?:.*-schemes|expose-internals.*|enable-mojo-js|.*-blink-features|.*-blink-test-features)$/, would: PAGE },
  { name: /^.*-for-testing$/, would: PAGE },

  {
    name: /^(?:ignore-certificate-errors.*|ignore-urlfetcher-cert-requests|allow-insecure-localhost)$/,
    would: NETWORK,
  },
  { name: /^(?:host-rules|host-resolver-rules|disable-webrtc-encryption)$/, would: NETWORK },
  { name: /^(?:ssl-key-log-file|log-net-log|auth-.*allowlist|use-mock-keychain)$/, would: NETWORK },
];

/** Features whose absence takes down the same walls as a switch of their own would. */
const WALLS =
  /(?:^|,)(?:site-?per-?process|isolateorigins|strictsiteisolation|webrtcencryption|network-?service-?sandbox)/;

/**
 * Says in one sentence why a packaged app does not start like this, or null when it may. Switches that concern only looks,
 * devices or folders pass, and so does what is no switch. Unpackaged apps are not asked: tests drive those by debugging.
 */
export function refusalOfStart({ args, environment, platform, root }: Start): string | null {
  for (const arg of args) {
    // Chromium reads no switches behind this.
    if (arg.trim() === '--') break;
    const found = switchOf(arg, platform);
    if (found === null) continue;
    const would = whatItWouldDo(found, root);
    if (would !== null) return `Tallylight does not start with --${found.name}: ${would}.${remedy(would, environment)}`;
  }
  if (!root && environment['ELECTRON_DISABLE_SANDBOX'] !== undefined) {
    return `Tallylight does not start with ELECTRON_DISABLE_SANDBOX in its environment: ${SANDBOX}.`;
  }
  return null;
}

/** The start script of an AppImage adds --no-sandbox by itself where the system lets no program make a sandbox. */
function remedy(would: string, environment: Start['environment']): string {
  const isAppImage = would === SANDBOX && (environment['APPIMAGE'] ?? '') !== '';
  return isAppImage
    ? ' If you did not ask for it, your system gives an AppImage no sandbox: install the deb instead.'
    : '';
}

function whatItWouldDo({ name, value }: { name: string; value: string }, root: boolean): string | null {
  if (name === 'disable-features' && WALLS.test(value)) return PAGE;
  const rule = RULES.find((each) => each.name.test(name));
  return rule === undefined || (root && rule.rootMay === true) ? null : rule.would;
}

/**
 * The name and value of a switch as Chromium reads it: one or two dashes, on Windows also a slash, white space around it does
 * not count. In lower case, as Windows has it: elsewhere another case would be another switch, and no harm is done.
 * https://source.chromium.org/chromium/chromium/src/+/main:base/command_line.cc
 */
function switchOf(arg: string, platform: string): { name: string; value: string } | null {
  const text = arg.trim().toLowerCase();
  const prefix = (platform === 'win32' ? /^(?:--|-|\/)/ : /^--?/).exec(text)?.[0];
  if (prefix === undefined || text.length === prefix.length) return null;
  const [name = '', ...rest] = text.slice(prefix.length).split('=');
  return { name: name.replaceAll('_', '-'), value: rest.join('=') };
}
