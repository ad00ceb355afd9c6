import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { after, it } from 'node:test'
import { runProgram } from '../../../cli/program.ts'
import { openSource } from '../../../cli/source/open-source.ts'
import { ENTRY } from '../../fakes/index-entry.ts'
import { type FakeCrash, fakeCoredogApi, sendRange } from '../fake-coredog-api.ts'
import { pretendedWorld } from '../pretended-world.ts'

const CORE = Buffer.from('a core of some bytes')
const CRASH: FakeCrash = { entry: { ...ENTRY, storedBytes: CORE.length }, core: CORE }
const NAME = '20261121t042117z-3f2a9c01d4e5'

async function open(
  behaviour: Parameters<typeof fakeCoredogApi>[1] = {},
  crashes: readonly FakeCrash[] = [CRASH],
) {
  const api = await fakeCoredogApi(crashes, behaviour)
  const options = { requestTimeout: 30, kubeconfig: api.kubeconfig }
  const source = await openSource(options)
  const crash = async () => (await source.named(NAME, 'shop')) ?? assert.fail()
  return { ...api, source, crash }
}

it('list() reads page after page, and stops at a time', async () => {
  const crashes = Array.from({ length: 1203 }, (_, at) => ({
    entry: {
      ...ENTRY,
      id: (at + 1).toString(16).padStart(12, '0'),
      time: new Date(ENTRY.time.getTime() - at * 1000),
    },
  }))
  const { source, asked } = await open({}, crashes)
  let count = 0
  for await (const _ of source.list({ namespace: 'shop' })) count += 1
  assert.equal(count, 1203)
  assert.equal(asked.length, 3)
  const ids: string[] = []
  const since = new Date(ENTRY.time.getTime() - 1500)
  for await (const { spec } of source.list({ namespace: null, since })) ids.push(spec.id)
  assert.deepEqual(ids, ['000000000001', '000000000002'])
})

it('core() comes from the store by its link, else by way of the API server', async () => {
  const store = createServer((request, response) => sendRange(CORE, request, response)).listen(0, '127.0.0.1')
  after(() => store.close())
  await new Promise(resolve => store.once('listening', resolve))
  const url = `http://127.0.0.1:${(store.address() as AddressInfo).port}/core`
  for (const [link, from] of [
    [() => url, 'the store'],
    [() => 'http://127.0.0.1:1/core', 'coredog-api'],
    [() => 'file:///etc/passwd', 'coredog-api'],
    [undefined, 'coredog-api'],
  ] as const) {
    const { source, crash } = await open(link && { link })
    for (const firstByte of [0, 7]) {
      const bytes = await source.core(await crash(), { firstByte })
      assert.deepEqual([bytes.from, bytes.firstByte, bytes.totalBytes], [from, firstByte, CORE.length])
      assert.deepEqual(await buffer(bytes.body), CORE.subarray(firstByte))
    }
  }
})

it('link() of who may not have one is none, so that the core comes otherwise', async () => {
  const { source, crash } = await open({ refuses: path => path.endsWith('/url') })
  assert.equal(await source.link(await crash()), null)
  assert.equal((await source.core(await crash())).from, 'coredog-api')
})

it('log() and named() of what is not there are none', async () => {
  const { source, crash } = await open()
  assert.equal(await source.log(await crash()), null)
  assert.equal(await source.named('20261121t042117z-ffffffffffff', 'shop'), null)
  assert.equal(await source.named(NAME, 'bank'), null)
})

it('group() is what the cluster counts, as far as it is that, and none of who may not ask or of an older server', async () => {
  const countedIn = `_groups/prod/shop/Deployment.web/${'0'.repeat(32)}`
  const counted = { countedIn, crashes: 36, nodes: 4, pods: 12, images: ['web:1'] }
  const times = { first: '2026-11-21T00:00:00.000Z', last: '2026-11-21T04:21:17.000Z' }
  const [first, last] = [new Date(times.first), new Date(times.last)]
  const of = async (group: object | undefined, behaviour = {}) => {
    const { source, crash } = await open(behaviour, [{ ...CRASH, ...(group && { group }) }])
    return await source.group(await crash())
  }
  assert.deepEqual(await of({ ...counted, ...times }), { ...counted, first, last })
  const muted = await of({ ...counted, ...times, mutedUntil: '2026-11-22T00:00:00Z', folder: 'x' })
  assert.deepEqual(muted, { ...counted, first, last, mutedUntil: new Date('2026-11-22T00:00:00Z') })
  for (const strange of [
    { ...counted, ...times, crashes: '36' },
    { ...counted, first: 'x' },
    { ...counted, ...times, countedIn: `${countedIn}/..` },
    { ...counted, ...times, countedIn: undefined },
    [],
    {},
    undefined,
  ])
    assert.equal(await of(strange), null)
  assert.equal(
    await of({ ...counted, ...times }, { refuses: (path: string) => path.endsWith('/group') }),
    null,
  )
})

it('report() is as much as is one of ours, and of that crash', async () => {
  const report = { crash: { frames: 'none', reason: 'x' }, threads: [{ tid: 'y' }], process: 7 } as never
  const { source, crash } = await open({}, [{ ...CRASH, report }])
  const { crash: found, threads, process } = await source.report(await crash())
  assert.deepEqual(
    [found?.reason, found?.frames, threads?.[0]?.tid, process],
    ['x', undefined, undefined, undefined],
  )
  const foreign = await open({}, [{ ...CRASH, report: { id: 'ffffffffffff' } }])
  await assert.rejects(foreign.source.report(await foreign.crash()), { exitCode: 3 })
})

const failures = [
  [
    'no right',
    { refuses: () => true },
    4,
    /it is Forbidden\nYou lack the verb "list" on "coredumps".*kubectl auth can-i list coredumps\.coredog\.io -n shop/s,
  ],
  ['no coredog-api', { isInstalled: false }, 1, /is not installed in this cluster\n.*--bucket/s],
] as const

for (const [what, behaviour, exitCode, message] of failures)
  it(`says what to do where there is ${what}`, async () => {
    const { kubeconfig } = await fakeCoredogApi([CRASH], behaviour)
    const world = pretendedWorld({ openSource })
    assert.equal(await runProgram(['list', '--kubeconfig', kubeconfig], world), exitCode)
    assert.match(world.stderr.text, message)
    assert.equal(world.stdout.text, '')
  })

it('says what to do where there is no server, no kubeconfig, and no such context', async () => {
  const { kubeconfig } = await fakeCoredogApi([])
  const said = async (...argv: string[]) => {
    const world = pretendedWorld({ openSource })
    assert.equal(await runProgram(['list', ...argv], world), 1)
    return world.stderr.text
  }
  assert.match(
    await said('--kubeconfig', '/no/such/file'),
    /Cannot use the kubeconfig: .*\nName one with --kubeconfig/,
  )
  assert.match(await said('--kubeconfig', kubeconfig, '--context', 'x'), /there is no context "x"/)
})
