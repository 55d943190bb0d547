import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

/** A real S3 server on loopback: Ceph's radosgw with one monitor and one OSD of its own. */
export type Radosgw = {
  endpoint: string;
  folder: string;
  pids: number[];
  /** Makes a bucket (again is fine). */
  bucket: (name: string) => Promise<void>;
  /** Ends its processes and removes its folder. */
  stop: () => Promise<void>;
};

export const RADOSGW_KEYS = { accessKeyId: 'TESTKEY', secretAccessKey: 'TESTSECRET' };

const PREFIX = 'tallylight-rgw-';
const START_LIMIT_MS = 60_000;
const COMMAND_LIMIT_MS = 45_000;

/** Starts a server in a folder of its own on free ports; about 5 s. */
export async function startRadosgw(parent = tmpdir()): Promise<Radosgw> {
  await sweep(parent);
  const folder = await mkdtemp(join(parent, `${PREFIX}${process.pid}-`));
  const daemons: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    process.off('exit', killAll);
    await Promise.all(daemons.map(end));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const killAll = (): void => {
    for (const daemon of daemons) daemon.kill('SIGKILL');
  };
  process.on('exit', killAll);
  try {
    const endpoint = await startIn(folder, daemons);
    const bucket = (name: string): Promise<void> => makeBucket(endpoint, name);
    const pids = daemons.flatMap(({ pid }) => pid ?? []);
    return { endpoint, folder, pids, bucket, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A client of the plain library, to look at the server past our own code. */
export function radosgwClient(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: RADOSGW_KEYS,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

async function makeBucket(endpoint: string, name: string): Promise<void> {
  const client = radosgwClient(endpoint);
  try {
    await client.send(new CreateBucketCommand({ Bucket: name }));
  } finally {
    client.destroy();
  }
}

async function startIn(folder: string, daemons: ChildProcess[]): Promise<string> {
  const [monitorPort, port] = await freePorts();
  const fsid = randomUUID();
  const osdId = randomUUID();
  const conf = join(folder, 'ceph.conf');
  await Promise.all(['mon', 'osd', 'rgw'].map((name) => mkdir(join(folder, name))));
  await writeFile(conf, configOf(folder, fsid, monitorPort, port));
  const map = join(folder, 'monmap');
  await run('monmaptool', ['--create', '--fsid', fsid, '--addv', 'a', `[v1:127.0.0.1:${monitorPort}]`, map]);
  await run('ceph-mon', ['--mkfs', '-i', 'a', '--monmap', map, '-c', conf]);
  daemons.push(daemon('ceph-mon', ['-f', '-i', 'a', '-c', conf]));
  await ceph(conf, ['osd', 'new', osdId]);
  await run('ceph-osd', ['-i', '0', '--mkfs', '--osd-uuid', osdId, '-c', conf]);
  await ceph(conf, ['osd', 'crush', 'add', 'osd.0', '1.0', 'root=default', 'host=localhost']);
  const disk = daemon('ceph-osd', ['-f', '-i', '0', '-c', conf]);
  daemons.push(disk);
  // A gateway that is there before its disk waits 5 s between its tries.
  await diskIsUp(conf, disk);
  const gateway = daemon('radosgw', ['-f', '-n', 'client.rgw.a', '-c', conf]);
  daemons.push(gateway);
  const { accessKeyId, secretAccessKey } = RADOSGW_KEYS;
  const user = ['--uid=test', '--display-name=test', `--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`];
  const endpoint = `http://127.0.0.1:${port}`;
  await answers(endpoint, gateway);
  await run('radosgw-admin', ['-c', conf, 'user', 'create', ...user]);
  return endpoint;
}

/**
 * One of everything, nothing kept safe, no authentication inside; no waiting for proposals of other monitors. The OSD is put on the map by
 * us: when it does so itself, before it has the monitor's map, it is refused ("wrong fsid") about once in eight starts and ends.
 */
function configOf(folder: string, fsid: string, monitorPort: number, port: number): string {
  return `[global]
fsid = ${fsid}
mon host = v1:127.0.0.1:${monitorPort}
public network = 127.0.0.0/8
ms bind msgr2 = false
auth cluster required = none
auth service required = none
auth client required = none
run dir = ${folder}
admin socket =
pid file =
log file = ${folder}/$name.log
mon data = ${folder}/mon
mon data avail crit = 1
mon allow pool size one = true
mon max pg per osd = 1000
paxos propose interval = 0.02
paxos min wait = 0.01
osd data = ${folder}/osd
osd objectstore = bluestore
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd crush update on start = false
osd class update on start = false
osd max object name len = 256
osd max object namespace len = 64
bluestore block size = 8589934592
bluestore block create = true
bluestore fsck on mount = false
[client.rgw.a]
rgw data = ${folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:${port}
rgw dns name = localhost
rgw enable usage log = false
`;
}

/** A process that ends with us, however we end: the kernel kills it when the one who started it is gone (prctl(2)). */
function daemon(command: string, args: string[]): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args], { stdio: 'ignore' });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  // Nothing it holds is kept.
  child.kill('SIGKILL');
  await exited;
}

async function diskIsUp(conf: string, disk: ChildProcess): Promise<void> {
  const startedAtMs = performance.now();
  while (!/"num_up_osds": ?1\b/.test(await ceph(conf, ['osd', 'stat', '-f', 'json']))) {
    if (disk.exitCode !== null) throw new Error(`ceph-osd ended with ${disk.exitCode}`);
    if (performance.now() - startedAtMs > START_LIMIT_MS) throw new Error('ceph-osd does not come up');
  }
}

/** Tells the monitor something; one that has only just begun refuses now and then, and accepts it a moment later. */
async function ceph(conf: string, args: string[]): Promise<string> {
  const startedAtMs = performance.now();
  for (;;) {
    try {
      return await run('ceph', ['-c', conf, ...args]);
    } catch (error) {
      if (performance.now() - startedAtMs > START_LIMIT_MS) throw error;
    }
  }
}

/** Runs a program to its end and answers with what it printed. */
async function run(command: string, args: string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), COMMAND_LIMIT_MS);
  let printed = '';
  let complaint = '';
  child.stdout.on('data', (data: Buffer) => {
    printed += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-2_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => clearTimeout(timer));
  if (code !== 0) throw new Error(`${command} ${args[0] ?? ''} ended with ${code}: ${complaint.trim()}`);
  return printed;
}

async function answers(endpoint: string, gateway: ChildProcess): Promise<void> {
  const startedAtMs = performance.now();
  for (;;) {
    const response = await fetch(endpoint).catch(() => null);
    await response?.arrayBuffer();
    if (response !== null) return;
    if (gateway.exitCode !== null) throw new Error(`radosgw ended with ${gateway.exitCode}`);
    if (performance.now() - startedAtMs > START_LIMIT_MS) throw new Error('radosgw does not answer');
    // The server says nowhere that it listens: asking again is the only way.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Two ports that nobody has at this moment. */
async function freePorts(): Promise<[number, number]> {
  const servers = await Promise.all([listening(), listening()]);
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [ports[0] ?? 0, ports[1] ?? 0];
}

async function listening(): Promise<ReturnType<typeof createServer>> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Folders of runs that were killed. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (Number.isInteger(pid) && !isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
