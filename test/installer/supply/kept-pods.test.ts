import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { pino } from 'pino'
import { readHandoff } from '../../../handler/handoff/handoff.ts'
import { KeptPods } from '../../../installer/supply/kept-pods.ts'
import { PodBook } from '../../../installer/supply/pod-book.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { inputs } from '../../inputs.ts'

const silent = pino({ enabled: false })
const ANNOTATIONS = { 'coredog.io/inject': 'true' }
const POD = {
  metadata: { namespace: 'shop', name: 'web-0', uid: 'uid-0', annotations: ANNOTATIONS },
  status: { containerStatuses: [{ name: 'app', containerID: `containerd://${'a'.repeat(64)}` }] },
}

function keeping(test: TestContext) {
  const folder = temporaryFolder(test)
  const files = { handoff: path.join(folder, 'pods.json'), kept: path.join(folder, 'state/pods.json') }
  const clock = { ms: 0 }
  const open = () => new KeptPods(files, silent, () => clock.ms)
  return { folder, files, clock, open }
}

function contentOf(uid = 'uid-0') {
  const book = new PodBook(() => 0)
  const pod = { ...POD, metadata: { ...POD.metadata, uid } }
  book.put(pod)
  book.putWorkload(pod, { kind: 'Deployment', name: 'web' })
  return book.encode()
}

it('KeptPods hands over annotations and workloads of before, once the run folder is empty', async t => {
  const { folder, files, open } = keeping(t)
  assert.deepEqual(await open().restore(), [])
  assert.equal(existsSync(files.handoff), false)
  await open().keep(contentOf())
  const [pod] = await open().restore()
  assert.deepEqual(pod?.workload, { kind: 'Deployment', name: 'web' })
  const [handed] = readHandoff(folder).pods() ?? []
  assert.deepEqual(handed?.annotations, ANNOTATIONS)
  assert.deepEqual(handed?.containers, [])
  assert.match(readFileSync(files.kept, 'utf8'), /"version":1/)
})

it('KeptPods leaves what is handed over already, which is newer', async t => {
  const { files, open } = keeping(t)
  await open().keep(contentOf())
  writeFileSync(files.handoff, contentOf('uid-1'))
  assert.deepEqual(
    (await open().restore()).map(({ uid }) => uid),
    ['uid-1'],
  )
  assert.match(readFileSync(files.handoff, 'utf8'), /uid-1/)
})

it('KeptPods writes once a minute at most, and only what has changed', async t => {
  const { files, clock, open } = keeping(t)
  const kept = open()
  await kept.keep(contentOf())
  const { ino } = statSync(files.kept)
  await kept.keep(contentOf('uid-1'))
  assert.equal(statSync(files.kept).ino, ino)
  clock.ms = 60_000
  await kept.keep(contentOf())
  assert.equal(statSync(files.kept).ino, ino)
  clock.ms = 120_000
  await kept.keep(contentOf('uid-1'))
  assert.match(readFileSync(files.kept, 'utf8'), /uid-1/)
})

it('KeptPods keeps nothing where it cannot, and the pods are handed over all the same', async t => {
  const { files, open } = keeping(t)
  writeFileSync(path.dirname(files.kept), 'no folder')
  await open().keep(contentOf())
  assert.deepEqual(await open().restore(), [])
})

it('KeptPods takes away what a kill left half written', async t => {
  const { files, open } = keeping(t)
  mkdirSync(path.dirname(files.kept))
  writeFileSync(path.join(path.dirname(files.kept), '.coredog-1.new'), '')
  await open().restore()
  assert.deepEqual(readdirSync(path.dirname(files.kept)), [])
})

it('KeptPods and PodBook take whatever is in the file', async t => {
  const { files, open } = keeping(t)
  mkdirSync(path.dirname(files.kept))
  const anything = fc.oneof(fc.json(), fc.string(), fc.constant('[{"version":2,"uid":"a"}]'))
  await fc.assert(
    fc.asyncProperty(anything, async text => {
      writeFileSync(files.kept, text)
      rmSync(files.handoff, { force: true })
      new PodBook(() => 0).remember(await open().restore())
      if (text.includes('"version":2')) assert.equal(existsSync(files.handoff), false)
    }),
    inputs(),
  )
})
