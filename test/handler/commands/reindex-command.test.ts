import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { it } from 'node:test'
import { CrashIndex } from '../../../crash-index/crash-index.ts'
import { encodeHandoff } from '../../../handoff/run-folder.ts'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { addCrashes, bucketOf, commandOn, nodeWith, type Place } from './node-to-reindex.ts'

function start(place: Place, args: readonly string[], settings: object = {}) {
  const [program = '', ...rest] = commandOn(place, args, settings)
  return spawn(program, rest)
}

async function endOf(child: ChildProcessWithoutNullStreams) {
  const ended = once(child, 'close')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [exitCode] = await ended
  return { exitCode, stdout, stderr }
}

const run = (place: Place, args: readonly string[] = [], settings: object = {}) =>
  endOf(start(place, args, settings))

async function clustersIn(store: ObjectStore): Promise<readonly string[]> {
  const clusters: string[] = []
  for await (const { entry } of new CrashIndex(store).ofAll()) clusters.push(entry.cluster)
  return clusters
}

it('where no cluster is known it says which --cluster takes the rest, and that takes it', async t => {
  const place = nodeWith(t)
  await addCrashes(place.store, [{}, { node: { cluster: 'prod' } }])
  const { exitCode, stdout, stderr } = await run(place)
  assert.equal(stdout, '2 crashes: 1 put into the index, 0 were there, 1 of another cluster left alone\n')
  assert.match(stderr, /No cluster is known here/)
  assert.deepEqual([exitCode, stderr.trim().split('\n').at(-1)], [1, '  --cluster=prod'])
  const again = await run(place, ['--cluster=prod'])
  assert.deepEqual([again.exitCode, again.stderr], [0, ''])
  assert.deepEqual(await clustersIn(place.store), ['prod', 'prod'])
})

it('the cluster is that of the configuration, or as the installer has left it, and no other', async t => {
  const place = nodeWith(t)
  await addCrashes(place.store, [{ node: { cluster: 'prod' } }])
  const node = encodeHandoff({ name: 'node-1', cluster: 'prod' })
  writeFileSync(`${place.folder}/run/node.json`, node, { mode: 0o600 })
  const refused = await run(place, ['--cluster=prdo'])
  assert.equal(refused.exitCode, 1)
  assert.match(refused.stderr, /"prdo": this one is "prod"\nLeave --cluster out/)
  assert.equal((await run(place)).exitCode, 0)
  assert.deepEqual(await clustersIn(place.store), ['prod'])
  const configured = await run(place, [], { cluster: 'eu-1' })
  assert.deepEqual([configured.exitCode, configured.stderr], [0, 'Reports, or the index, name "prod".\n'])
})

it('a report that cannot be read is named, and makes it fail', async t => {
  const place = nodeWith(t)
  await addCrashes(place.store, ['no JSON', {}])
  const { exitCode, stderr } = await run(place, ['--cluster=prod'])
  assert.equal(exitCode, 1)
  assert.match(stderr, /\n {2}shop\/web-0\/app\/20261121T042100Z-web-7-000000000000\/report\.json\n$/)
})

it('a bucket is gone through, and one that refuses names says what to do', async t => {
  const s3 = await startFakeS3({ pageSize: 3 })
  t.after(() => s3[Symbol.asyncDispose]())
  const place = bucketOf(t, s3)
  await addCrashes(
    place.store,
    Array.from({ length: 20 }, () => ({})),
  )
  s3.fail('PutObject', faults.refuse(403, 'AccessDenied'), { times: 100 })
  const refused = await run(place, ['--cluster=prod'])
  assert.equal(refused.exitCode, 1)
  assert.match(refused.stderr, /^Cannot put "s3:\/\/cores\/corefiles\/_index\/.*AccessDenied.*\n.+\n/)
  s3.heal()
  const { exitCode, stdout } = await run(place, ['--cluster=prod'])
  assert.deepEqual([exitCode, stdout], [0, '20 crashes: 20 put into the index, 0 were there\n'])
})

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  it(`${signal} ends it behind what it is at, and called again it goes on`, async t => {
    const asked = Promise.withResolvers<void>()
    const s3 = await startFakeS3({
      faultOf: ({ operation }) => {
        if (operation === 'PutObject' && isHeld) asked.resolve()
        return operation === 'PutObject' && isHeld ? faults.slow(200) : null
      },
    })
    let isHeld = false
    t.after(() => s3[Symbol.asyncDispose]())
    const place = bucketOf(t, s3)
    await addCrashes(
      place.store,
      Array.from({ length: 40 }, () => ({})),
    )
    isHeld = true
    const child = start(place, ['--cluster=prod'])
    const ended = endOf(child)
    await asked.promise
    child.kill(signal)
    const { exitCode, stdout, stderr } = await ended
    assert.equal(exitCode, 130, stderr)
    assert.match(stderr, /the same command goes on/)
    const added = Number(/(\d+) put into the index/.exec(stdout)?.[1])
    assert.ok(added >= 8 && added < 40, stdout)
    isHeld = false
    const again = await run(place, ['--cluster=prod'])
    assert.deepEqual(
      [again.exitCode, again.stdout],
      [0, `40 crashes: ${40 - added} put into the index, ${added} were there\n`],
    )
  })
