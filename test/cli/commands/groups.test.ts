import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parse } from 'yaml'
import { runProgram } from '../../../cli/program.ts'
import { openSource } from '../../../cli/source/open-source.ts'
import { groupFolder } from '../../../crash/group-key.ts'
import { indexedFolder } from '../../../crash/index-entry.ts'
import { CrashGroup } from '../../../groups/crash-group.ts'
import { ENTRY } from '../../fakes/index-entry.ts'
import { type FakeCrash, fakeCoredogApi } from '../fake-coredog-api.ts'
import { KeptOutput, pretendedWorld } from '../pretended-world.ts'
import { runOnStore } from '../run-on-store.ts'
import { addCrash, emptyStore } from '../stored-crash.ts'

const at = (time: string) => new Date(`2026-11-21T${time}Z`)
const GROUP = groupFolder({ ...ENTRY, workload: 'Deployment.checkout', fingerprint: ['x'] })
const CHECKOUT = {
  pod: { workload: { kind: 'Deployment', name: 'checkout' } },
  crash: { reason: 'It read through a null pointer' },
  container: { image: 'checkout:1' },
}

/** Two of a bug of `checkout` that 4 nodes count, muted; three of a pod in `dev`, which its node counts. */
async function crashes() {
  const { folder, store } = await emptyStore()
  for (const [id, minute] of Object.entries({ aaaaaaaaaaa2: '15', aaaaaaaaaaa3: '20' }))
    await addCrash(store, { id, time: at(`05:${minute}:00`), report: { ...CHECKOUT, countedIn: GROUP } })
  for (const [id, minute] of Object.entries({ bbbbbbbbbbb1: '11', bbbbbbbbbbb3: '13', bbbbbbbbbbb2: '16' }))
    await addCrash(store, { id, time: at(`05:${minute}:00`), namespace: 'dev', pod: 'web-0', storedBytes: 0 })
  const group = new CrashGroup(store, GROUP)
  const count = { crashes: 9, first: at('00:00:00'), last: at('05:19:00'), pods: 3, images: ['checkout:1'] }
  for (const node of ['a', 'b', 'c', 'd']) await group.putCount(node, count)
  await group.mute({ until: at('12:00:00') })
  return folder
}

const cellsOf = (stdout: string) => stdout.split('\n').map(line => line.split(/ {3,}/))

it('groups shows each bug once, as often as it came to the whole cluster, and what to ask next', async () => {
  const folder = await crashes()
  const { exitCode, stdout, stderr } = await runOnStore(folder, ['groups', '-A'])
  assert.deepEqual([exitCode, stderr], [0, ''])
  const [head, most, least, ...rest] = cellsOf(stdout)
  const named = ['NAMESPACE', 'LATEST', 'WORKLOAD', 'CRASHES', 'NODES', 'FIRST', 'LAST', 'REASON']
  assert.deepEqual(head, named)
  const why = 'It read through a null pointer'
  const checkout = ['shop', 'aaaaaaaaaaa3', 'Deployment/checkout', '36 (muted)', '4', '5h', '77s', why]
  assert.deepEqual(most, checkout)
  assert.deepEqual(least, ['dev', 'bbbbbbbbbbb2', 'pod/web-0', '3', '-', '10m', '5m', '-'])
  assert.deepEqual(rest.flat(), [''])
})

it('groups on a terminal fits it, and says what to ask next', async () => {
  const folder = await crashes()
  const narrow = Object.assign(new KeptOutput(true), { columns: 90 })
  const { stdout } = await runOnStore(folder, ['groups', '-A'], { stdout: narrow })
  const lines = stdout.split('\n')
  assert.match(lines[0] ?? '', /^NAMESPACE .* WORKLOAD .* LAST$/)
  assert.match(`${lines[1]}\n${lines[2]}`, /^shop .* 77s\n {2}It read through a null pointer$/)
  assert.match(lines[3] ?? '', /^dev /)
  const next = `  kubectl coredog info aaaaaaaaaaa3 -n shop --bucket ${folder}`
  assert.deepEqual(lines.slice(4), ['', 'Next:', next, ''])
})

it('groups has one line for what the nodes count as one, and counts it once', async () => {
  const { folder, store } = await emptyStore()
  const report = { ...CHECKOUT, countedIn: GROUP }
  const [older, newer] = [at('05:15:00'), at('05:20:00')]
  await addCrash(store, { id: 'aaaaaaaaaaa1', time: older, group: 'v2:00000001', pod: 'a', report })
  await addCrash(store, { id: 'aaaaaaaaaaa2', time: newer, group: 'v2:00000002', pod: 'b', report })
  const count = { crashes: 9, first: at('00:00:00'), last: at('05:19:00'), pods: 3, images: [] }
  await new CrashGroup(store, GROUP).putCount('a', count)
  const { groups } = JSON.parse((await runOnStore(folder, ['groups', '-o', 'json'])).stdout)
  assert.equal(groups.length, 1)
  const [{ latest, crashes, pods, nodes }] = groups
  assert.deepEqual([latest.id, crashes, pods, nodes], ['aaaaaaaaaaa2', 9, 3, 1])
})

it('groups sums the builds that had a bug: the nodes count each by itself', async () => {
  const { folder, store } = await emptyStore()
  const until = { one: at('09:00:00'), other: at('08:00:00') }
  for (const [build, minute] of Object.entries({ one: '10', other: '20' })) {
    const countedIn = groupFolder({ ...ENTRY, workload: 'Deployment.checkout', fingerprint: [build] })
    const report = { ...CHECKOUT, countedIn, container: { image: 'checkout:1', imageId: `sha256:${build}` } }
    for (const digit of [1, 2])
      await addCrash(store, { id: `${digit}${minute}aaaaaaaaa`, time: at(`05:${minute}:0${digit}`), report })
    const count = { crashes: 9, first: at(`00:${minute}:00`), last: at('05:20:02'), pods: 3, images: [build] }
    const group = new CrashGroup(store, countedIn)
    for (const node of ['a', 'b']) await group.putCount(node, count)
    await group.mute({ until: until[build as 'one'] })
  }
  const { groups } = JSON.parse((await runOnStore(folder, ['groups', '-o', 'json'])).stdout)
  const [{ crashes, nodes, pods, images, first, mutedUntil }] = groups
  assert.deepEqual([groups.length, crashes, nodes, pods], [1, 36, 2, 12])
  const ends = ['2026-11-21T00:10:00Z', '2026-11-21T08:00:00Z']
  assert.deepEqual([images, first, mutedUntil], [['other', 'one'], ...ends])
})

it('groups of a store of several clusters keeps them apart, and says which is which', async () => {
  const { folder, store } = await emptyStore()
  await addCrash(store, { id: 'aaaaaaaaaaa1', time: at('05:15:00'), report: CHECKOUT })
  await addCrash(store, { id: 'aaaaaaaaaaa2', time: at('05:16:00'), report: CHECKOUT, cluster: 'west' })
  const [head, one, other] = cellsOf((await runOnStore(folder, ['groups', '-n', 'shop'])).stdout)
  assert.deepEqual(
    [head?.[0], one?.slice(0, 2), other?.slice(0, 2)],
    ['CLUSTER', ['west', 'aaaaaaaaaaa2'], ['prod', 'aaaaaaaaaaa1']],
  )
  const ofOne = await runOnStore(folder, ['groups', '-n', 'shop', '--cluster', 'west'])
  assert.match(ofOne.stdout, /^LATEST.*\naaaaaaaaaaa2 .*\n$/)
  const json = JSON.parse((await runOnStore(folder, ['groups', '-o', 'json'])).stdout)
  assert.equal(json.groups[0].cluster, 'west')
})

it('groups has one line for a group whose reports are gone', async () => {
  const { folder, store } = await emptyStore()
  for (const id of ['aaaaaaaaaaa1', 'aaaaaaaaaaa2']) {
    const entry = await addCrash(store, { id, pod: `pod-${id}`, time: at('05:15:00') })
    await store.remove(`${indexedFolder(entry)}/report.json`)
  }
  const { groups } = JSON.parse((await runOnStore(folder, ['groups', '-o', 'json'])).stdout)
  assert.deepEqual(
    groups.map(({ crashes, pods }: Record<string, number>) => [crashes, pods]),
    [[2, 2]],
  )
})

it('groups -o wide says how many pods, until when it is muted, of which group and images', async () => {
  const { stdout } = await runOnStore(await crashes(), ['groups', '-n', 'shop', '-o', 'wide'])
  const [head, only] = cellsOf(stdout)
  assert.deepEqual(head?.slice(-5), ['PODS', 'MUTED UNTIL', 'GROUP', 'IMAGES', 'REASON'])
  assert.deepEqual(only?.slice(-5, -1), ['12', '2026-11-21T12:00:00Z', 'v2:00ff12ab', 'checkout:1'])
})

it('groups -o json and yaml are for programs, with what is known alone', async () => {
  const folder = await crashes()
  const json = JSON.parse((await runOnStore(folder, ['groups', '-A', '-o', 'json'])).stdout)
  const [most, least] = json.groups
  assert.deepEqual(most, {
    ...{
      cluster: 'prod',
      namespace: 'shop',
      latest: { id: 'aaaaaaaaaaa3', name: '20261121t052000z-aaaaaaaaaaa3' },
    },
    ...{ workload: { kind: 'Deployment', name: 'checkout' }, group: 'v2:00ff12ab' },
    ...{ reason: 'It read through a null pointer', crashes: 36, nodes: 4, pods: 12, images: ['checkout:1'] },
    ...{ first: '2026-11-21T00:00:00Z', last: '2026-11-21T05:20:00Z', mutedUntil: '2026-11-21T12:00:00Z' },
  })
  assert.deepEqual([least.crashes, least.pods, 'nodes' in least, 'mutedUntil' in least], [3, 1, false, false])
  assert.deepEqual(parse((await runOnStore(folder, ['groups', '-A', '-o', 'yaml'])).stdout), json)
})

it('groups is of a day, or of the time that is asked for, and says where there is nothing', async () => {
  const { folder, store } = await emptyStore()
  await addCrash(store, { time: new Date('2026-11-19T00:00:00Z') })
  const { exitCode, stdout, stderr } = await runOnStore(folder, ['groups', '-n', 'shop'])
  assert.deepEqual([exitCode, stdout], [0, ''])
  assert.equal(stderr, 'No crashes of that time found in the namespace shop: --since looks further back.\n')
  assert.match(
    (await runOnStore(folder, ['groups', '-n', 'shop', '--since', '3d'])).stdout,
    /^LATEST.*\n3f2a9c01d4e5 /,
  )
  const json = await runOnStore(folder, ['groups', '-o', 'json'])
  assert.deepEqual(JSON.parse(json.stdout), { groups: [] })
})

it('groups of more crashes than it looks at says so', async () => {
  const { stdout, stderr } = await runOnStore(await crashes(), ['groups', '-A', '--limit', '3'])
  assert.match(stdout, /\nshop .*\ndev .*\n$/s)
  assert.match(stderr, /^There are more crashes: these are of the newest 3; --limit/)
})

it('groups asks of fifty, the most frequent among them', async () => {
  const one = (at: number): FakeCrash => ({
    entry: {
      ...ENTRY,
      id: at.toString(16).padStart(12, '0'),
      group: `v2:${at.toString(16).padStart(8, '0')}`,
    },
  })
  const twice = { ...one(999), entry: { ...one(999).entry, group: one(59).entry.group } }
  const { kubeconfig, asked } = await fakeCoredogApi([...Array.from({ length: 60 }, (_, n) => one(n)), twice])
  const world = pretendedWorld({ openSource })
  assert.equal(await runProgram(['groups', '--kubeconfig', kubeconfig], world), 0)
  assert.equal(asked.filter(({ url }) => url?.endsWith('/group')).length, 50)
  assert.match(world.stdout.text, /\n00000000003b .* 2 +-/)
  assert.match(world.stderr.text, /^There are 10 more, of which fewer crashes are stored/)
  const forPrograms = pretendedWorld({ openSource })
  await runProgram(['groups', '--kubeconfig', kubeconfig, '-o', 'json'], forPrograms)
  const { groups, more } = JSON.parse(forPrograms.stdout.text)
  assert.deepEqual([groups.length, more], [50, 10])
})

it('groups shows what is listed where a count cannot be had, and says why where that is no answer', async () => {
  const counted = {
    countedIn: GROUP,
    crashes: 36,
    nodes: 4,
    pods: 12,
    images: [],
    first: at('00:00:00'),
    last: at('05:00:00'),
  }
  const crash = { entry: ENTRY, group: counted }
  const run = async (behaviour: Parameters<typeof fakeCoredogApi>[1]) => {
    const { kubeconfig } = await fakeCoredogApi([crash], behaviour)
    const world = pretendedWorld({ openSource })
    assert.equal(await runProgram(['groups', '--kubeconfig', kubeconfig], world), 0)
    return { shown: cellsOf(world.stdout.text)[1]?.slice(2, 4), said: world.stderr.text }
  }
  assert.deepEqual((await run({})).shown, ['36', '4'])
  const forbidden = await run({ refuses: path => path.endsWith('/group') })
  assert.deepEqual(forbidden, { shown: ['1', '-'], said: '' })
  const failing = await run({ fails: path => path.endsWith('/group') })
  assert.deepEqual(failing.shown, ['1', '-'])
  assert.match(
    failing.said,
    /^It is not known of all how often they came to the cluster: .*ServiceUnavailable/,
  )
})

it('groups prints nothing that a terminal obeys, in whichever form', async () => {
  const { folder, store } = await emptyStore()
  const evil = '\x1b[2J\u009b31m\u202egpj.exe\r\n'
  const report = {
    ...{ crash: { reason: evil }, container: { image: evil }, countedIn: GROUP },
    pod: { workload: { kind: evil, name: evil } },
  }
  await addCrash(store, { report })
  const count = { crashes: 9, first: at('00:00:00'), last: at('05:19:00'), pods: 3, images: [evil] }
  await new CrashGroup(store, GROUP).putCount('a', count)
  for (const form of [[], ['-o', 'wide'], ['-o', 'json'], ['-o', 'yaml']]) {
    const { stdout } = await runOnStore(folder, ['groups', ...form])
    assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u, form.join(' '))
  }
})

for (const argv of [['--since', 'soon'], ['--limit', '0'], ['-o', 'name'], ['pod/web-0']])
  it(`groups ${argv.join(' ')} is wrong usage`, async () => {
    const { exitCode, stdout } = await runOnStore(await crashes(), ['groups', ...argv])
    assert.deepEqual([exitCode, stdout], [2, ''])
  })
