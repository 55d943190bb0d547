const releaseTargets = ['AppImage', 'deb'];

/**
 * Which targets a packaging run makes: without arguments the unpacked app alone. A target that people install is refused
 * when the Electron at hand is the development copy.
 */
export function planTargets(args, electronOrigin) {
  const asked = askedTargets(args);
  if (asked === undefined) {
    return { kind: 'refused', message: `not understood: ${args.join(' ')}`, remedy: 'npm run dist -- --help' };
  }
  const forPeople = asked.some((target) => target !== 'dir') || args.includes('--release');
  if (forPeople && electronOrigin !== 'official') {
    return {
      kind: 'refused',
      message:
        'a release is made only with the Electron that its makers publish, and here is another copy of it, for development and tests',
      remedy: 'node_modules/.bin/install-electron --no',
    };
  }
  const skipped = releaseTargets
    .filter((target) => !asked.includes(target))
    .map((target) => ({
      target,
      reason:
        'it was not asked for (npm run dist -- --release), and its tools come from a host that closed networks refuse',
    }));
  return { kind: 'make', targets: asked, skipped };
}

function askedTargets(args) {
  let targets = args.includes('--release') ? ['dir', ...releaseTargets] : ['dir'];
  for (let index = 0; index < args.length; index += 1) {
    const value = args[index];
    if (value === '--release') continue;
    if (value !== '--target') return undefined;
    index += 1;
    targets = (args[index] ?? '').split(',');
    if (targets.some((target) => target !== 'dir' && !releaseTargets.includes(target))) return undefined;
  }
  return targets;
}
