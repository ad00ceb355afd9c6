/**
 * The installer as a process, on a node that is a folder, with the arguments and the ConfigMap of deploy/.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, it, type TestContext } from 'node:test'
import { find, type Manifest, objectsOf } from './objects.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const daemonSet = find(objectsOf('coredog.yaml'), 'DaemonSet', 'coredog-installer')

interface Line {
  readonly msg: string
  readonly reason?: string
  readonly hint?: string
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'coredog-deploy-'))
  mkdirSync(path.join(folder, 'kernel'))
  writeFileSync(path.join(folder, 'kernel/core_pattern'), 'core\n')
  writeFileSync(path.join(folder, 'kernel/core_pipe_limit'), '0\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

function corePattern(): string {
  return readFileSync(path.join(folder, 'kernel/core_pattern'), 'utf8').trim()
}

/** Those of the DaemonSet, with what it mounts below {@link folder}. */
function argumentsOf({ spec }: Manifest): string[] {
  const { command, args } = spec.template.spec.containers[0]
  return [...command.slice(2), ...args].map((argument: string) => argument.replace('=/', `=${folder}/`))
}

/**
 * Runs it until it has logged all of `messages`, and ends it as the kubelet does. Resolves with the last of
 * them.
 */
async function runUntil(
  messages: readonly string[],
  configMap: string,
  { signal }: TestContext,
): Promise<Line> {
  const config = path.join(folder, 'etc/coredog-config')
  mkdirSync(config, { recursive: true })
  writeFileSync(path.join(config, 'coredog.yaml'), configMap)
  const node = [`--host-root=${folder}/host`, `--proc-sys=${folder}/kernel`, '--port=0']
  // Never started in these tests, but it has to be there.
  const handler = `--handler=${import.meta.filename}`
  const child = spawn(process.execPath, ['installer/main.ts', ...argumentsOf(daemonSet), ...node, handler], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, NODE_NAME: 'node-1' },
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
    killSignal: 'SIGKILL',
  })
  const exit = once(child, 'exit')
  const missing = new Set(messages)
  try {
    for await (const text of createInterface(child.stdout)) {
      const line = JSON.parse(text) as Line // the log is JSON
      if (!missing.delete(line.msg) || missing.size > 0) continue
      child.kill('SIGTERM')
      assert.deepEqual(await exit, [0, null])
      return line
    }
    throw new Error(`it ended without "${[...missing]}"`)
  } finally {
    child.kill('SIGKILL')
  }
}

it('says what has to be set in the ConfigMap, and leaves the node alone until it is', {
  timeout: 120_000,
}, async t => {
  mkdirSync(path.join(folder, 'host/usr/local/bin'), { recursive: true })
  const { data } = find(objectsOf('coredog.yaml'), 'ConfigMap', 'coredog-config')
  const { reason, hint } = await runUntil(['configuration refused'], data['coredog.yaml'], t)
  assert.match(reason ?? '', /StorageConfig\.S3Bucket is not set/)
  assert.match(hint ?? '', /Set StorageConfig\.S3Bucket/)
  assert.equal(corePattern(), 'core')
  assert.deepEqual(readdirSync(path.join(folder, 'host/usr/local/bin')), [])
  assert.ok(!existsSync(path.join(folder, 'host/etc/coredog')), 'a configuration was written to the node')
})

it('sets a node up of which it sees what the overlay talos mounts', { timeout: 120_000 }, async t => {
  // /host itself is a directory of the pod, so it can be written; there is nothing in it but these.
  const [{ spec }] = objectsOf('overlays/talos/daemon-set.yaml') as [Manifest]
  const mounts: { mountPath: string }[] = spec.template.spec.containers[0].volumeMounts
  for (const { mountPath } of mounts) mkdirSync(path.join(folder, mountPath), { recursive: true })
  const [{ data }] = objectsOf('overlays/talos/config-map.yaml') as [Manifest]
  const edited = data['coredog.yaml'].replace(/s3Region:.*/, 's3Region: eu-central-1')
  const keys = 'S3Bucket: crashes\n  s3AccesskeyID: AKIDEXAMPLE\n  s3SecretAccessKey: your-secret-key'
  const messages = ['node ready', `started watch corefile in:${folder}/host/var/coredog-dumps`]
  await runUntil(messages, edited.replace(/S3Bucket:.*/, keys), t)
  assert.equal(corePattern(), '/corefile/core.%e.%p.%h.%t')
})

it('takes the places of the first configuration, also if half of a key pair is in the Secret', {
  timeout: 120_000,
}, async t => {
  mkdirSync(path.join(folder, 'etc/coredog-secrets'), { recursive: true })
  writeFileSync(
    path.join(folder, 'etc/coredog-secrets/coredog-secrets.yaml'),
    'StorageConfig: {s3SecretAccessKey: your-secret-key}',
  )
  const storage = 'StorageConfig: {s3Region: eu-central-1, S3Bucket: crashes, s3AccesskeyID: AKIDEXAMPLE}'
  const others = 'paths: {state: /opt/coredog/state}\nfallback: {corePattern: true}'
  await runUntil(['node ready'], `${storage}\n${others}\n`, t)
  assert.ok(!existsSync(path.join(folder, 'host/var/lib/coredog')), 'the default place was used')
  assert.ok(existsSync(path.join(folder, 'host/opt/coredog/state')))
})
