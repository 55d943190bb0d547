import { installWithApt } from './apt.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';
import { SetupError } from './setup-error.mjs';

const packages = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-common'];
// setpriv comes with util-linux; with it the servers end with the tests, however those end.
const programs = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph', 'monmaptool', 'setpriv'];

/** Whether Ceph's S3 server, the real one that tests upload to, can be started. */
export async function hasCeph() {
  const results = await Promise.all(programs.map((name) => run(name, ['--help'], { timeoutMs: 30_000 })));
  return results.every(({ code }) => code !== 127);
}

/** Installs Ceph's S3 server where it is missing. */
export async function ensureCeph() {
  if (await hasCeph()) return;
  if (process.platform !== 'linux') {
    throw new SetupError(
      "tests upload to Ceph's S3 server (radosgw), which runs on Linux only",
      'npm test -- --only unit',
    );
  }
  say("Ceph's S3 server (radosgw) is missing: tests upload to it");
  await installWithApt(packages, 'a real S3 server, for tests');
  if (!(await hasCeph())) {
    throw new SetupError("Ceph's S3 server does not start", `apt-get install -y ${packages.join(' ')}`);
  }
}
