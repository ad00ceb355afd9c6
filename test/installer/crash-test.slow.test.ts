import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { execa } from 'execa'
import { type FakeKube, startFakeKube } from '../fakes/fake-kube.ts'

const INSTALLER = path.resolve(import.meta.dirname, '../../installer/main.ts')
const UID = 'uid-of-this-pod'

function event(reason: string, note: string, uid = UID) {
  const regarding = { kind: 'Pod', namespace: 'coredog-system', name: 'coredog-test', uid }
  const metadata = { name: `${uid}.${reason.toLowerCase()}`, namespace: 'coredog-system' }
  return { apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata, reason, note, regarding }
}

const account = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { namespace: 'coredog-system', name: 'coredog-test', uid: 'uid-of-the-account' },
}
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'coredog-system', name: 'coredog-test', uid: UID },
}

async function startCluster() {
  const kube = await startFakeKube({ tls: true })
  kube.put(account, pod)
  return kube
}

/** As the pod of the chart runs it. */
function start(t: TestContext, kube: FakeKube, timeoutSeconds = 60) {
  // A core may be written into the working directory.
  const cwd = mkdtempSync(path.join(tmpdir(), 'coredog-crash-test-'))
  t.after(() => rmSync(cwd, { recursive: true, force: true }))
  return execa(process.execPath, [INSTALLER, 'crash-test', `--service-account=${kube.folder}`], {
    cwd,
    reject: false,
    all: true,
    env: {
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(kube.port),
      POD_NAMESPACE: 'coredog-system',
      POD_UID: UID,
      TIMEOUT_SECONDS: String(timeoutSeconds),
    },
  })
}

for (const { reason, exitCode } of [
  { reason: 'CoreDumped', exitCode: 0 },
  { reason: 'CoreDumpSuppressed', exitCode: 0 },
  { reason: 'CoreDumpFailed', exitCode: 1 },
]) {
  test(`helm test ends with ${exitCode} at an Event ${reason}`, async t => {
    await using kube = await startCluster()
    kube.put(event('CoreDumped', 'of another pod', 'another-uid'), event('Scheduled', 'no crash'))
    const running = start(t, kube)
    await Promise.race([kube.asked('list events', 1), running])
    kube.put(event(reason, 'Process "node" died of SIGABRT.'))
    const ended = await running
    assert.deepEqual(
      [ended.exitCode, ended.all],
      [exitCode, `A process crashed with SIGABRT.\n${reason}: Process "node" died of SIGABRT.`],
    )
  })
}

test('helm test goes on when the API server fails for a while', async t => {
  await using kube = await startCluster()
  kube.failNext('list events', { status: 500 }, 'reset')
  const running = start(t, kube)
  await Promise.race([kube.asked('list events', 3), running])
  kube.put(event('CoreDumped', 'stored'))
  assert.equal((await running).exitCode, 0)
})

test('helm test lets its pod go with the release, and says so where it cannot', async t => {
  await using kube = await startCluster()
  kube.put(event('CoreDumped', 'stored'))
  assert.equal((await start(t, kube)).exitCode, 0)
  const patch = kube.requests.find(({ action }) => action === 'patch pods')
  const owner = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'coredog-test', uid: 'uid-of-the-account' }
  assert.deepEqual(JSON.parse(patch?.body ?? ''), { metadata: { ownerReferences: [owner] } })
  kube.deny('get serviceaccounts')
  const { exitCode, all } = await start(t, kube)
  assert.equal(exitCode, 0)
  assert.match(all, /^This pod stays when the release is uninstalled: .*serviceaccounts is forbidden/)
})

test('helm test says where to look when no Event comes', async t => {
  await using kube = await startCluster()
  const { exitCode, stderr } = await start(t, kube, 1)
  assert.equal(exitCode, 1)
  assert.match(
    stderr,
    /After 1 seconds: no Event about a core is on this pod\.\nSee whether an installer is ready/,
  )
  assert.match(stderr, /kubectl -n coredog-system logs ds\/coredog-installer/)
})

test('helm test says what the API server answered', async t => {
  await using kube = await startCluster()
  kube.deny('list events')
  const { exitCode, stderr } = await start(t, kube, 1)
  assert.equal(exitCode, 1)
  assert.match(stderr, /After 1 seconds: Cannot list .*events is forbidden/)
})
