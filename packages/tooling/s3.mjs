import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cachedEnvironment, failureOf } from './cached-environment.mjs';

const run = promisify(execFile);

const packages = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-common'];
/** Seconds after which a server ends, in case its test run was killed. */
const LIFETIME = '3600';
/** An idle machine starts a store in some ten seconds, a busy one may take minutes. */
const START_TIMEOUT_MS = 300_000;

/** The packages and their dependencies that are not installed; an empty list if apt does not know them. */
const missingPackages = async () => {
  const simulation = ['install', '--simulate', '--no-install-recommends', ...packages];
  const { stdout } = await run('apt-get', simulation).catch(() => ({ stdout: '' }));
  return [...stdout.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name);
};

/** Unpacks Debian's packages into the folder. Resolves to null, or to the reason why it failed. */
const install = async (folder) => {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/dpkg-deb'))
    return 'this system has no apt';
  let names = await missingPackages();
  if (names.length === 0 && process.getuid() === 0) {
    const failure = await failureOf('apt-get', ['update']);
    if (failure !== null) return failure;
    names = await missingPackages();
  }
  if (names.length === 0) return 'apt does not know the package radosgw; run apt-get update';
  const archives = join(folder, 'archives');
  mkdirSync(archives, { recursive: true });
  const failure = await failureOf('apt-get', ['download', ...names], { cwd: archives });
  if (failure !== null) return failure;
  for (const archive of readdirSync(archives)) {
    const unpacked = await failureOf('dpkg-deb', ['-x', join(archives, archive), folder]);
    if (unpacked !== null) return unpacked;
  }
  rmSync(archives, { recursive: true });
  return null;
};

export const s3Oracle = async () => {
  const { folder, reason } = await cachedEnvironment('ceph-oracle', install);
  return folder === undefined
    ? { reason: `Ceph's S3 gateway could not be installed: ${reason}` }
    : { root: folder };
};

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** One monitor, one store that keeps its objects in memory, no authentication between them. */
const configuration = (home, libraries, monitor) => `[global]
fsid = ${randomUUID()}
mon_host = v2:127.0.0.1:${monitor}/0
public_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc secure
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
mon_allow_pool_size_one = true
mon_data_avail_crit = 1
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
mon_data = ${home}/mon
osd_data = ${home}/osd
run_dir = ${home}
admin_socket = ${home}/$name.asok
log_file = ${home}/$name.log
pid_file =
crash_dir = ${home}
keyring = ${home}/keyring
osd_class_dir = ${libraries}/rados-classes
erasure_code_dir = ${libraries}/ceph/erasure-code
plugin_dir = ${libraries}/ceph
`;

export const startS3 = async (root, { accessKeyId, secretAccessKey }) => {
  const home = mkdtempSync(join(tmpdir(), 'ceph-'));
  for (const folder of ['mon', 'osd']) mkdirSync(join(home, folder));
  const [architecture] = readdirSync(join(root, 'usr/lib')).filter((name) =>
    /-linux-gnu/.test(name),
  );
  const libraries = join(root, 'usr/lib', architecture);
  const [monitor, port] = [await freePort(), await freePort()];
  const config = join(home, 'ceph.conf');
  const text = configuration(home, libraries, monitor);
  writeFileSync(config, text);
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: [libraries, `${libraries}/ceph`, join(root, 'lib', architecture)].join(':'),
    PYTHONPATH: join(root, 'usr/lib/python3/dist-packages'),
  };
  const at = (name) => join(root, 'usr/bin', name);
  const python = ['/usr/bin/python3', at('python3')].find(existsSync) ?? 'python3';
  const call = (command, ...args) => run(command, args, { env, timeout: START_TIMEOUT_MS });
  const servers = [];
  const stop = async () => {
    const exits = servers.map((server) => new Promise((resolve) => server.on('close', resolve)));
    for (const server of servers) server.kill();
    await Promise.all(exits);
    rmSync(home, { recursive: true, force: true });
  };
  const serve = (name, ...args) => {
    const limited = ['--kill-after=5', LIFETIME, at(name), '-c', config, '-f', ...args];
    servers.push(spawn('timeout', limited, { env, stdio: 'ignore' }));
  };
  try {
    const monmap = join(home, 'monmap');
    const keyring = join(home, 'keyring');
    const fsid = /fsid = (\S+)/.exec(text)[1];
    await call(at('ceph-authtool'), '--create-keyring', keyring, '--gen-key', '-n', 'mon.');
    const address = `[v2:127.0.0.1:${monitor}]`;
    await call(at('monmaptool'), '--create', '--addv', 'a', address, '--fsid', fsid, monmap);
    const make = ['-c', config, '--mkfs', '-i'];
    await call(at('ceph-mon'), ...make, 'a', '--monmap', monmap, '--keyring', keyring);
    serve('ceph-mon', '-i', 'a');
    const uuid = randomUUID();
    await call(python, at('ceph'), '-c', config, 'osd', 'new', uuid);
    await call(at('ceph-osd'), ...make, '0', '--osd-uuid', uuid);
    serve('ceph-osd', '-i', '0');
    const keys = [`--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`];
    const user = ['user', 'create', '--uid=tests', '--display-name=tests', ...keys];
    await call(at('radosgw-admin'), '-c', config, ...user);
    serve('radosgw', '-n', 'client.admin', '--rgw-frontends', `beast endpoint=127.0.0.1:${port}`);
    const url = `http://127.0.0.1:${port}/`;
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (
      !(await fetch(url).then(
        (response) => response.ok,
        () => false,
      ))
    ) {
      if (Date.now() > deadline)
        throw new Error(`Ceph did not start within ${START_TIMEOUT_MS / 1000} seconds.`);
      await sleep(200);
    }
    return { port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
