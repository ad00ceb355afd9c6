import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ClusterRequest } from '../../../cli/cluster.ts'
import { runProgram } from '../../../cli/program.ts'
import type { CrashSource } from '../../../cli/source/source.ts'
import type { Coredump } from '../../../coredump/coredump.ts'
import {
  FORBIDDEN,
  installerPod,
  nodeView,
  PODS,
  PretendedCluster,
  proxied,
} from '../nodes/pretended-cluster.ts'
import { pretendedWorld } from '../pretended-world.ts'

const JOBS = '/apis/batch/v1/namespaces/shop/jobs'
const JOB = `DELETE ${JOBS}/coredog-test-x7k2p`
const CRASHER = '/api/v1/namespaces/shop/pods'
const EVENTS = '/api/v1/namespaces/shop/events'

const crasher = (state: object) => ({
  items: [
    {
      metadata: { name: 'coredog-test-x7k2p-abcde', uid: 'u-1' },
      spec: { nodeName: 'node-1' },
      status: { containerStatuses: [{ state }] },
    },
  ],
})
const event = (reason: string, uid = 'u-1') => ({
  reason,
  message: 'see s3://cores/x',
  involvedObject: { kind: 'Pod', uid },
})

interface Given {
  readonly answers?: ConstructorParameters<typeof PretendedCluster>[0]
  readonly argv?: readonly string[]
  readonly source?: () => CrashSource
  readonly signal?: AbortSignal
}

/** A cluster in which all goes well. */
async function test({ answers = {}, argv = [], source = nothingListed, signal }: Given = {}) {
  const cluster = new PretendedCluster({
    [PODS]: { items: [installerPod('node-1')] },
    [proxied('node-1', '/status.json')]: nodeView('node-1'),
    [`POST ${JOBS}`]: { metadata: { name: 'coredog-test-x7k2p' } },
    [CRASHER]: crasher({ terminated: { exitCode: 134 } }),
    [EVENTS]: { items: [event('CoreDumped', 'another'), event('CoreDumped')] },
    [JOB]: {},
    ...answers,
  })
  const world = pretendedWorld({
    openCluster: async () => cluster,
    openSource: async () => source(),
    ...(signal && { signal }),
  })
  const exitCode = await runProgram(['test', ...argv], world)
  const sent = (method: string) => cluster.asked.filter(({ method: of = 'GET' }) => of === method)
  return { exitCode, out: world.stdout.text, err: world.stderr.text, sent }
}

function nothingListed(): CrashSource {
  throw new Error('coredog-api is not installed')
}

it('test crashes in a pod of its own, follows it to the chat, and removes it', async () => {
  const listed = { spec: { id: '3f2a9c01d4e5' } } as Coredump
  const source = () =>
    ({
      async *list() {
        yield listed
      },
    }) as unknown as CrashSource
  const { exitCode, out, err, sent } = await test({ source })
  assert.equal(
    out,
    `   0.0 s  created the job coredog-test-x7k2p in the namespace shop
   0.0 s  the pod coredog-test-x7k2p-abcde is on the node node-1
   0.0 s  its process crashed (exit code 134)
   0.0 s  CoreDumped: see s3://cores/x
   0.0 s  listed as 3f2a9c01d4e5: kubectl coredog info 3f2a9c01d4e5 -n shop
   0.0 s  the chats were told: no message waits on the node
   0.0 s  removed the job coredog-test-x7k2p
`,
  )
  assert.deepEqual([exitCode, err, sent('DELETE').length], [0, '', 1])
})

it('test makes a pod as Pod Security "restricted" has it, of the image of the installers', async () => {
  const { sent } = await test({ argv: ['--node', 'node-1'] })
  const { template, ...job } = specOf(sent('POST')[0])
  assert.deepEqual([job.backoffLimit, job.ttlSecondsAfterFinished], [0, 600])
  const { spec, metadata } = template
  assert.deepEqual(metadata.annotations, { 'coredog.io/inject': 'true' })
  assert.equal(spec.containers[0].image, 'ghcr.io/coredog/coredog:0.1.0')
  assert.deepEqual(spec.nodeSelector, { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': 'node-1' })
  assert.equal(spec.securityContext.runAsNonRoot, true)
  assert.deepEqual(spec.containers[0].securityContext.capabilities, { drop: ['ALL'] })
})

// biome-ignore lint/suspicious/noExplicitAny: as the program made it
function specOf(request: ClusterRequest | undefined): any {
  return (request as { body: { spec: object } }).body.spec
}

for (const { name, answers, says, code = 1 } of [
  {
    name: 'the pod does not start',
    answers: { [CRASHER]: crasher({ waiting: { reason: 'ImagePullBackOff' } }) },
    says: /error: The pod does not start: ImagePullBackOff\n.*--image/,
  },
  {
    name: 'it ends and does not crash',
    answers: { [CRASHER]: crasher({ terminated: { exitCode: 127 } }) },
    says: /error: Its process ended with exit code 127, and was to crash/,
  },
  {
    name: 'its core is lost',
    answers: { [EVENTS]: { items: [event('CoreDumpFailed')] } },
    says: /error: Its core was lost/,
  },
  {
    name: 'Events may not be listed',
    answers: { [EVENTS]: FORBIDDEN },
    says: /You lack the verb "list" on "events"/,
    code: 4,
  },
])
  it(`test ends with ${code}, and removes its pod, where ${name}`, async () => {
    const { exitCode, out, err, sent } = await test({ answers })
    assert.match(err, says)
    assert.match(out, /removed the job coredog-test-x7k2p\n$/)
    assert.deepEqual([exitCode, sent('DELETE').length], [code, 1])
  })

it('test ends with 4 and makes nothing where jobs may not be created', async () => {
  const { exitCode, err, sent } = await test({ answers: { [`POST ${JOBS}`]: FORBIDDEN } })
  assert.equal(exitCode, 4)
  assert.match(err, /You lack the verb "create" on "jobs" of the API group "batch"/)
  assert.equal(sent('DELETE').length, 0)
})

it('test goes on where installers may not be asked, or crashes not be looked up', async () => {
  const suppressed = { [EVENTS]: { items: [event('CoreDumpSuppressed')] } }
  const { exitCode, out } = await test({
    answers: { ...suppressed, [proxied('node-1', '/status.json')]: FORBIDDEN },
  })
  assert.match(out, /CoreDumpSuppressed: see/)
  assert.match(out, /whether a chat was told is not seen: .*no, you may not/)
  assert.equal(exitCode, 0)
  assert.match((await test()).out, /it was not looked up: coredog-api is not installed/)
})

it('test says that no chat is configured', async () => {
  const checks = [{ name: 'channels', ok: true, warning: true }]
  const view = nodeView('node-1', { trial: { ageSeconds: 1, running: false, checks } })
  const { exitCode, out } = await test({ answers: { [proxied('node-1', '/status.json')]: view } })
  assert.match(out, /no chat is configured/)
  assert.equal(exitCode, 0)
})

it('test needs an image: without installers one is named', async () => {
  const none = { [PODS]: FORBIDDEN }
  assert.equal((await test({ answers: none })).exitCode, 4)
  assert.equal(
    (await test({ answers: { [PODS]: { items: [] }, '/api/v1/pods': { items: [] } } })).exitCode,
    3,
  )
  const { exitCode, out } = await test({ answers: none, argv: ['--image', 'registry/coredog:1'] })
  assert.equal(exitCode, 0)
  assert.match(out, /whether a chat was told is not seen: its installer is not seen/)
})

it('test removes its pod at Ctrl-C', async () => {
  const ended = new AbortController()
  const answers = {
    [CRASHER]: () => {
      ended.abort(new Error('it was interrupted'))
      return crasher({ running: {} })
    },
  }
  const { exitCode, out, sent } = await test({ answers, signal: ended.signal })
  assert.match(out, /removed the job/)
  assert.deepEqual([exitCode, sent('DELETE').length], [1, 1])
})

it('test says so where its pod could not be removed', async () => {
  const { exitCode, out } = await test({ answers: { [JOB]: FORBIDDEN } })
  assert.match(out, /could not remove the job coredog-test-x7k2p: .*Kubernetes does in ten minutes\.$/m)
  assert.equal(exitCode, 0)
})
