import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { runProgram } from '../../../../cli/program.ts'
import { temporaryFolder } from '../../../fakes/core-file.ts'
import { FORBIDDEN, PretendedCluster } from '../../nodes/pretended-cluster.ts'
import { pretendedWorld } from '../../pretended-world.ts'
import { crashOf, type PretendedCrash, PretendedSource } from '../pretended-source.ts'
import { type PretendedPod, pretendedPod } from './pretended-pod.ts'

const JOBS = '/apis/batch/v1/namespaces/shop/jobs'
const PODS = '/api/v1/namespaces/shop/pods'
const JOB = `DELETE ${JOBS}/coredog-debug-x7k2p`
const PROGRAM = { path: '/app/web', content: Buffer.from('the program') }
const LIBRARY = { path: '/usr/lib/libx.so.1', content: Buffer.from('a library') }
const CRASH = crashOf(Buffer.from('a core'), { binaries: [PROGRAM, LIBRARY] })
const IMAGE = `registry.example/web@sha256:${'a'.repeat(64)}`

const podIn = (state: object) => ({
  items: [
    {
      metadata: { name: 'coredog-debug-x7k2p-abcde' },
      spec: { containers: [{ name: 'debugger' }] },
      status: { containerStatuses: [{ name: 'debugger', state }] },
    },
  ],
})

interface Given {
  readonly crash?: PretendedCrash
  readonly pod?: PretendedPod
  readonly answers?: ConstructorParameters<typeof PretendedCluster>[0]
  readonly argv?: readonly string[]
  readonly signal?: AbortSignal
}

/** A cluster in which all goes well, and a pod that is a folder. */
async function debug(test: TestContext, given: Given = {}) {
  const { crash = CRASH, pod = pretendedPod(test), answers = {}, signal } = given
  const { argv = ['--debugger-image', 'registry/gdb:1'] } = given
  const cluster = new PretendedCluster({
    [`POST ${JOBS}`]: { metadata: { name: 'coredog-debug-x7k2p' } },
    [PODS]: podIn({ running: {} }),
    [JOB]: {},
    ...answers,
  })
  const environment = { PATH: pod.folder, XDG_CACHE_HOME: temporaryFolder(test) }
  const world = pretendedWorld({
    environment,
    openSource: async () => new PretendedSource(crash),
    openCluster: async () => cluster,
    ...(signal && { signal }),
  })
  const exitCode = await runProgram(['debug', '@latest', '--in-cluster', ...argv], world)
  const sent = (method: string) => cluster.asked.filter(({ method: of = 'GET' }) => of === method)
  return { exitCode, err: world.stderr.text, sent, pod }
}

it('debug --in-cluster copies a crash into a pod, opens it there, and removes the pod', async t => {
  const argv = ['--debugger-image', 'registry/gdb:1', '--batch', '-ex', 'bt', '--', '-nh']
  const { exitCode, err, sent, pod } = await debug(t, { argv })
  assert.equal(exitCode, 0, err)
  const crash = pod.crash
  assert.deepEqual(pod.debugger(), [
    ...['-q', '-nx'],
    ...['-iex', 'set auto-load off', '-iex', 'set pagination off', '-iex', `set sysroot ${crash}/sysroot`],
    ...['-iex', `set solib-search-path ${crash}/libraries`],
    ...['-iex', `set debug-file-directory ${crash}/debug:/usr/lib/debug`],
    ...['-ex', 'set pagination on'],
    ...['--batch', '-ex', 'bt', '-nh', `${crash}/program`, `${crash}/core`],
  ])
  const copied = (name: string) => readFileSync(path.join(crash, name), 'utf8')
  assert.deepEqual(['core', 'program', 'sysroot/app/web', 'libraries/libx.so.1'].map(copied), [
    'a core',
    'the program',
    'the program',
    'a library',
  ])
  assert.match(err, /created the job coredog-debug-x7k2p in the namespace shop\n[\s\S]*removed the job/)
  assert.equal(sent('DELETE').length, 1)
})

it('debug --in-cluster takes the image that crashed, and its libraries where none are stored', async t => {
  const { crash, ...stored } = crashOf(Buffer.from('a core'), { binaries: [PROGRAM] })
  const spec = { ...crash.spec, image: 'registry.example/web:1', imageId: IMAGE, node: 'node-7' }
  const answers = { [`${PODS}/web-0`]: { spec: { imagePullSecrets: [{ name: 'regcred' }] } } }
  const given = { crash: { ...stored, crash: { ...crash, spec } }, argv: [], answers }
  const { exitCode, err, sent, pod } = await debug(t, given)
  assert.equal(exitCode, 0, err)
  assert.ok(pod.debugger().includes('set sysroot /'))
  const { containers, imagePullSecrets } = podSpec(sent('POST')[0])
  assert.deepEqual(
    containers.map(({ image }: { image: string }) => image),
    [IMAGE],
  )
  assert.deepEqual(imagePullSecrets, [{ name: 'regcred' }])
})

// biome-ignore lint/suspicious/noExplicitAny: as the program made it
function podSpec(request: unknown): any {
  return (request as { body: { spec: { template: { spec: object } } } }).body.spec.template.spec
}

it('debug --in-cluster does with what is stored where the crashed image has no shell', async t => {
  const { crash, ...stored } = crashOf(Buffer.from('a core'), { binaries: [PROGRAM] })
  const given = { ...stored, crash: { ...crash, spec: { ...crash.spec, image: 'distroless:1' } } }
  const { exitCode, err, pod } = await debug(t, { crash: given })
  assert.equal(exitCode, 0, err)
  assert.match(err, /the crashed image does not start, or has no sh and sleep/)
  assert.ok(pod.debugger().includes(`set sysroot ${pod.crash}/sysroot`))
})

it('debug --in-cluster ends with 3 where gdb is not in the image, and says what is to be in it', async t => {
  const pod = pretendedPod(t, { programs: ['sh', 'tar', 'gzip'] })
  const { exitCode, err, sent } = await debug(t, {
    pod,
    argv: ['--debugger', 'lldb', '--debugger-image', 'x'],
  })
  assert.match(err, /error: The image has no lldb, sha256sum: x\nName one that has .* with --debugger-image/)
  assert.deepEqual([exitCode, sent('DELETE').length], [3, 1])
})

const REFUSED =
  'error: unable to upgrade connection: pods "x" is forbidden: User "jane" cannot create resource "pods/exec"'

for (const { name, before, gdb, states = [], says, code = 1 } of [
  {
    name: 'one may not exec',
    before: `echo '${REFUSED}' >&2; exit 1`,
    says: /Cannot run a program in the debug pod: error: unable to upgrade .*\nYou lack the verb "create" on "pods\/exec".*kubectl auth can-i create pods --subresource=exec -n shop/,
    code: 4,
  },
  {
    name: 'what arrives is not what was sent',
    before: 'case "$*" in *sha256sum\\ -c*) echo b > $crash/core;; esac',
    says: /error: What arrived in the debug pod is not what was sent: .*1 computed checksum did NOT match/,
  },
  {
    name: 'the copy breaks',
    before: 'case "$*" in *-xzf*) echo "error: stream broken" >&2; exit 1;; esac',
    says: /error: Cannot copy the core into the debug pod: error: stream broken\nLook whether/,
  },
  { name: 'gdb fails', gdb: 'exit 3', says: /error: gdb ended with 3\nWhat it wrote says why/ },
  { name: 'gdb is killed', gdb: 'exit 137', says: /error: gdb ended with 137\n.*--memory/ },
  {
    name: 'the pod is killed',
    gdb: 'exit 137',
    states: [{ running: {} }, { terminated: { reason: 'OOMKilled', exitCode: 137 } }],
    says: /error: The debug pod was ended: OOMKilled\n.*nothing is fetched twice.*--memory/,
  },
])
  it(`debug --in-cluster ends with ${code}, and removes its pod, where ${name}`, async t => {
    const pod = pretendedPod(t, { ...(gdb && { gdb }), ...(before && { before }) })
    const left = [...states]
    const next = () => podIn((left.length > 1 ? left.shift() : left[0]) ?? { running: {} })
    const { exitCode, err, sent } = await debug(t, { pod, answers: { [PODS]: next } })
    assert.match(err, says)
    assert.deepEqual([exitCode, sent('DELETE').length], [code, 1])
  })

it('debug --in-cluster ends with 4 and copies nothing where jobs may not be created', async t => {
  const { exitCode, err, sent } = await debug(t, { answers: { [`POST ${JOBS}`]: FORBIDDEN } })
  assert.match(err, /You lack the verb "create" on "jobs" of the API group "batch"/)
  assert.deepEqual([exitCode, sent('DELETE').length], [4, 0])
})

it('debug --in-cluster removes its pod at Ctrl-C, whatever it waits for', async t => {
  const ended = new AbortController()
  const answers = {
    [PODS]: () => {
      ended.abort(new Error('it was interrupted'))
      return podIn({ waiting: {} })
    },
  }
  const waiting = await debug(t, { answers, signal: ended.signal })
  assert.deepEqual([waiting.exitCode, waiting.sent('DELETE').length], [1, 1])
})

it('debug --in-cluster needs kubectl, and a namespace of a cluster', async t => {
  const pod = { ...pretendedPod(t), folder: '/var/empty' }
  const without = await debug(t, { pod })
  assert.match(without.err, /error: Cannot find kubectl on this machine\nInstall kubectl, or open the core/)
  const { crash, ...stored } = CRASH
  const host = { ...stored, crash: { ...crash, metadata: { ...crash.metadata, namespace: '_host' } } }
  const { exitCode, err } = await debug(t, { crash: host, argv: ['-n', '_host'] })
  assert.match(err, /error: "_host" is no namespace of a cluster/)
  assert.deepEqual([without.exitCode, exitCode, without.sent('POST')], [1, 2, []])
})

it('debug refuses --debugger-image without --in-cluster', async () => {
  const world = pretendedWorld()
  assert.equal(await runProgram(['debug', '@latest', '--debugger-image', 'gdb:1'], world), 2)
  assert.match(world.stderr.text, /Add --in-cluster/)
})
