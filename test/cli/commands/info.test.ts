import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runProgram } from '../../../cli/program.ts'
import { openSource } from '../../../cli/source/open-source.ts'
import { groupFolder } from '../../../crash/group-key.ts'
import type { CrashReport } from '../../../crash/report.ts'
import { CrashGroup } from '../../../groups/crash-group.ts'
import { ENTRY } from '../../fakes/index-entry.ts'
import { fakeCoredogApi } from '../fake-coredog-api.ts'
import { KeptOutput, pretendedWorld } from '../pretended-world.ts'
import { runOnStore } from '../run-on-store.ts'
import { addCrash, emptyStore } from '../stored-crash.ts'

const REPORT: Partial<CrashReport> = {
  node: { name: 'ip-10-0-1-7' },
  pod: { workload: { kind: 'Deployment', name: 'checkout' } },
  container: { image: 'registry.example/checkout:1.4.2', restartCount: 3 },
  process: {
    namespacedPid: 17,
    namespacedThreadId: 23,
    executable: '/app/server',
    arguments: ['/app/server', '--port', '8080'],
  },
  signal: { number: 11, name: 'SIGSEGV', code: 'SEGV_MAPERR', faultAddress: '0x0' },
  crash: {
    reason: 'It read through a null pointer',
    frames: [
      { function: 'Basket::total() const', module: '/app/server', file: 'basket.cc', line: 41, own: true },
    ],
  },
  threads: [{ tid: 24, name: 'poller', frames: [{ function: 'epoll_wait', module: '/lib/libc.so.6' }] }],
  seen: { count: 37, first: '2026-11-20T00:00:00Z' },
}

it('info tells people what, why, all stacks, the last lines of the log, and what to do next', async () => {
  const { folder, store } = await emptyStore()
  await addCrash(store, { report: REPORT, log: 'starting\nno such cart\n' })
  const { exitCode, stdout } = await runOnStore(folder, ['info', '3f2a', '-n', 'shop'])
  assert.equal(exitCode, 0)
  for (const words of [
    'Crash:      3f2a9c01d4e5   2026-11-21T04:21:17Z, 60m ago\n',
    'Pod:        shop/checkout-7c9f5d8b6-x2x9k   container app   restarted 3 times before   node ip-10-0-1-7\n',
    'Workload:   Deployment/checkout\n',
    'Image:      registry.example/checkout:1.4.2\n',
    'Program:    /app/server --port 8080   pid 17\n',
    'Signal:     SIGSEGV (11) SEGV_MAPERR at 0x0\n',
    'Seen:       37 times on its node, first 2026-11-20T00:00:00Z\n',
    'It read through a null pointer\n',
    'Thread 23, which crashed:\n▸ Basket::total() const',
    'Thread 24 "poller":\n· epoll_wait',
    'Last lines of its log:\n  starting\n  no such cart\n',
    `Next:\n  kubectl coredog debug 3f2a9c01d4e5 -n shop --bucket ${folder}\n`,
  ])
    assert.ok(stdout.includes(words), `${words}\n${stdout}`)
})

it('info tells how often crashes like it came to the whole cluster, apart from what its node saw, and whether it is muted', async () => {
  const { folder, store } = await emptyStore()
  const countedIn = groupFolder({ ...ENTRY, workload: 'Deployment.checkout', fingerprint: ['x'] })
  await addCrash(store, { report: { ...REPORT, countedIn } })
  const group = new CrashGroup(store, countedIn)
  const [first, last] = [new Date('2026-11-20T00:00:00Z'), new Date('2026-11-21T05:16:17Z')]
  const count = { crashes: 18, first, last, pods: 6, images: [] }
  for (const node of ['a', 'b']) await group.putCount(node, count)
  const shown = async () => (await runOnStore(folder, ['info', '@latest'])).stdout
  assert.match(
    await shown(),
    /^Seen: +37 times on its node, .*\nGroup: +36 crashes in 12 pods on 2 nodes, first 2026-11-20T00:00:00Z, last 5m ago\n\n/m,
  )
  await group.mute({ until: new Date('2026-11-21T20:00:00Z') })
  assert.match(await shown(), /ago\nMuted: +until 2026-11-21T20:00:00Z\n\n/)
  await group.mute({ until: new Date('2026-11-21T05:00:00Z') })
  assert.doesNotMatch(await shown(), /Muted/)
})

it('info says nothing of a group that cannot be asked for, whyever', async () => {
  for (const behaviour of [{}, { refuses: isGroup }, { fails: isGroup }]) {
    const { kubeconfig } = await fakeCoredogApi([{ entry: ENTRY, report: REPORT }], behaviour)
    const world = pretendedWorld({ openSource })
    assert.equal(await runProgram(['info', '@latest', '--kubeconfig', kubeconfig], world), 0)
    assert.doesNotMatch(world.stdout.text, /^Group:/m)
    assert.equal(world.stderr.text, '')
  }
})

const isGroup = (path: string) => path.endsWith('/group')

it('info says no group to have ended, or begun, at another time than its newest and its oldest crash', async () => {
  const [first, last] = [new Date('2026-11-21T05:00:00Z'), new Date('2026-11-21T04:00:00Z')]
  const countedIn = groupFolder({ ...ENTRY, workload: 'Deployment.checkout', fingerprint: ['x'] })
  const group = { countedIn, crashes: 2, nodes: 1, pods: 1, images: [], first, last }
  const { kubeconfig } = await fakeCoredogApi([{ entry: ENTRY, report: REPORT, group }])
  const world = pretendedWorld({ openSource })
  await runProgram(['info', '@latest', '--kubeconfig', kubeconfig], world)
  assert.match(world.stdout.text, /^Group: .* first 2026-11-21T04:21:17Z, last 60m ago$/m)
})

it('info names commands that read where it read', async () => {
  const core = Buffer.from('core')
  const { kubeconfig } = await fakeCoredogApi([{ entry: ENTRY, core }])
  const shown = async (...argv: string[]) => {
    const world = pretendedWorld({ openSource })
    await runProgram(['info', '@latest', ...argv], world)
    return world.stdout.text
  }
  const named = ['--context', 'test', '--kubeconfig', kubeconfig, '--as', 'jane', '--as-group', 'a b']
  const inCluster = await shown(...named)
  assert.ok(inCluster.includes(`get 3f2a9c01d4e5 -n shop ${named.slice(0, -1).join(' ')} 'a b'\n`), inCluster)
  const { folder, store } = await emptyStore()
  await addCrash(store)
  const inStore = await shown('--bucket', folder, '--cluster', 'prod', '--secrets-dir', '/s')
  assert.ok(inStore.includes(`get 3f2a9c01d4e5 -n shop --secrets-dir /s --bucket ${folder} --cluster prod\n`))
})

it('info says that it is for the quota that only stacks were kept, and how full that is', async () => {
  const { folder, store } = await emptyStore()
  const core = { key: 'k', complete: true, dump: 'stacks', sizeBytes: 2048 } as const
  const shown = async (usedBytes: number) => {
    const quota = { usedBytes, limitBytes: 10 * 2 ** 30 }
    await addCrash(store, { report: { ...REPORT, core: { ...core, quota } } })
    return (await runOnStore(folder, ['info', '@latest'])).stdout
  }
  const full = await shown(10 * 2 ** 30)
  assert.match(full, /^Core: +Stored, stacks only, for the quota, 2/m)
  assert.match(
    full,
    /^Quota: +The quota of its namespace is 100 % used, .*: stacks were kept in place of the core$/m,
  )
  const nearly = await shown(9.5 * 2 ** 30)
  assert.match(nearly, /^Core: +Stored, stacks only, as configured/m)
  assert.match(nearly, /^Quota: +The quota of its namespace is 95 % used, [^:]*$/m)
})

it('info says what of the core is blanked, and what may be left', async () => {
  const { folder, store } = await emptyStore()
  const core = { scrubbed: 41, unscrubbed: 'the Secrets of its pod could not be read within 1 s' }
  await addCrash(store, { report: { ...REPORT, core } })
  const { stdout } = await runOnStore(folder, ['info', '@latest'])
  assert.match(stdout, /^Core: .*secrets blanked in 41 places, secrets may be left: the Secrets of its pod/m)
})

it('info has colours on a terminal, and none with NO_COLOR', async () => {
  const { folder, store } = await emptyStore()
  await addCrash(store)
  const shown = async (environment: Record<string, string>) =>
    (await runOnStore(folder, ['info', '@latest'], { stdout: new KeptOutput(true), environment })).stdout
  assert.ok((await shown({})).includes('\x1b[1mCrash:'))
  assert.ok(!(await shown({ NO_COLOR: '1' })).includes('\x1b'))
})

it('info shows nothing that a terminal obeys', async () => {
  const { folder, store } = await emptyStore()
  const evil = '\x1b[2J\u009b\u202e\r\n'
  const report = JSON.parse(JSON.stringify(REPORT), (_, value) =>
    typeof value === 'string' ? value + evil : value,
  )
  await addCrash(store, { report, log: `${evil}\x07` })
  const { stdout } = await runOnStore(folder, ['info', '@latest'])
  assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
})

it('log prints the log as it was written into a file, and harmless to a terminal', async () => {
  const { folder, store } = await emptyStore()
  const log = 'one\n\x1b[2Jtwo\tthree — ü\n'
  await addCrash(store, { log })
  assert.equal((await runOnStore(folder, ['log', '@latest'])).stdout, log)
  const shown = await runOnStore(folder, ['log', '@latest'], { stdout: new KeptOutput(true) })
  assert.equal(shown.stdout, 'one\n\ufffd[2Jtwo\tthree — ü\n')
})

it('log of a crash without one ends with 3', async () => {
  const { folder, store } = await emptyStore()
  await addCrash(store)
  const { exitCode, stderr } = await runOnStore(folder, ['log', ENTRY.id])
  assert.equal(exitCode, 3)
  assert.match(stderr, /none was kept/)
})

it('report prints the report for programs', async () => {
  const { folder, store } = await emptyStore()
  await addCrash(store, { report: REPORT })
  const { stdout } = await runOnStore(folder, ['report', '@latest'])
  assert.deepEqual(JSON.parse(stdout).process, REPORT.process)
})

it('info and list say of a core that has no more memory than was wanted that it is so', async () => {
  const { folder, store } = await emptyStore()
  const core = { key: 'k', complete: true, dump: 'stacks', leftOutBytes: 2 ** 31, sizeBytes: 2048 } as const
  await addCrash(store, { report: { ...REPORT, core } })
  const info = await runOnStore(folder, ['info', '3f2a', '-n', 'shop'])
  assert.match(info.stdout, /^Core: +Stored, stacks only, as configured, 2(?:\.0)? ?K/m)
  const list = await runOnStore(folder, ['list', '-n', 'shop'])
  assert.match(list.stdout, /Stored \(stacks\)/)
})
