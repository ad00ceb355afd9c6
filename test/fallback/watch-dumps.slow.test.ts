import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  existsSync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { readFillingPods } from '../../handoff/filling-pods.ts'
import { elfCore } from '../fakes/elf-core.ts'
import { Dumps } from './dumps.ts'

const CORE = elfCore()
const withoutRoot = process.getuid?.() === 0 ? false : 'only root can do that'

it('watchDumps does nothing unless the configuration wants it', async () => {
  await using dumps = new Dumps({ hostPath: false })
  dumps.put('ns/pod/app/core')
  await dumps.beat()
  assert.deepEqual(dumps.messages(), [])
})

it('watchDumps takes cores of all four historical layouts, with the owner that the kubelet named (A37)', async () => {
  await using dumps = new Dumps()
  const uid = '7ed3f1c2-90b4-4a6e-9d55-1fbb3c0ad21b'
  dumps.put('a/web-0/core.app.1')
  dumps.put(`b/${uid}/core.app.1`)
  dumps.put('c/pod-7ed3f1c2/app/core.app.1')
  dumps.put('d/web.example-0/app/core.app.1')
  await dumps.sweep()
  assert.deepEqual(
    dumps.takes.slice(0, 4).map(({ owner }) => owner),
    [
      { namespace: 'a', pod: 'web-0' },
      { namespace: 'b', pod: uid },
      { namespace: 'c', pod: 'pod-7ed3f1c2', container: 'app' },
      { namespace: 'd', pod: 'web.example-0', container: 'app' },
    ],
  )
  assert.ok(dumps.takes.every(({ bytes }) => bytes.equals(CORE)))
})

it('watchDumps takes no identity from names that the container made (B18)', async () => {
  await using dumps = new Dumps()
  dumps.put('ns/pod/app/dumps/victim/x/core.1')
  await dumps.sweep()
  assert.deepEqual(dumps.takes[0]?.owner, { namespace: 'ns', pod: 'pod', container: 'app' })
})

it('watchDumps logs what the documents of the original promise (A44)', async () => {
  await using dumps = new Dumps({ deleteLocalCorefile: true })
  dumps.answer = () => ({
    outcome: 'stored',
    report: { schema: 'coredog.io/report/v1', id: '1', pod: { namespace: 'default', name: 'crash-test' } },
  })
  dumps.put('default/crash-test/app/core.b\nsh')
  await dumps.sweep()
  const shown = '/corefile/default/crash-test/app/core.b\\u000ash'
  const ours = dumps.messages().filter(msg => !msg.includes('canary'))
  assert.deepEqual(ours.slice(0, 5), [
    `started watch corefile in:${dumps.directory}`,
    `received fsnotify event: ${shown}, op: CREATE`,
    `capture a file:${shown}`,
    'resolved pod from webhook path: default/crash-test',
    `deleted local corefile: ${shown}`,
  ])
})

it('watchDumps follows no symbolic link, whatever it points at (B17)', async () => {
  await using dumps = new Dumps()
  const secret = dumps.put('../config/core', CORE)
  mkdirSync(path.join(dumps.directory, 'ns/pod/app'), { recursive: true })
  symlinkSync('/etc/shadow', path.join(dumps.directory, 'ns/pod/app/core.1'))
  symlinkSync(secret, path.join(dumps.directory, 'ns/pod/app/core.2'))
  symlinkSync(path.dirname(secret), path.join(dumps.directory, 'ns/pod/app/core.d'))
  symlinkSync(path.dirname(secret), path.join(dumps.directory, 'ns/linked'))
  symlinkSync(path.join(dumps.directory, '..'), path.join(dumps.directory, 'coredog'))
  const mode = statSync(path.dirname(secret)).mode
  await dumps.sweep()
  assert.deepEqual(dumps.ledger(), [])
  assert.equal(statSync(path.dirname(secret)).mode, mode)
})

it('watchDumps waits for no FIFO and takes no second name of a file', async () => {
  await using dumps = new Dumps()
  const outside = dumps.put('../elsewhere/core')
  mkdirSync(path.join(dumps.directory, 'ns/pod/app'), { recursive: true })
  execFileSync('mkfifo', [path.join(dumps.directory, 'ns/pod/app/core.fifo')])
  linkSync(outside, path.join(dumps.directory, 'ns/pod/app/core.link'))
  await dumps.sweep()
  assert.deepEqual(dumps.ledger(), [])
})

it('watchDumps opens no device', { skip: withoutRoot }, async () => {
  await using dumps = new Dumps()
  mkdirSync(path.join(dumps.directory, 'ns/pod/app'), { recursive: true })
  execFileSync('mknod', [path.join(dumps.directory, 'ns/pod/app/core.zero'), 'c', '1', '5'])
  await dumps.sweep()
  assert.deepEqual(dumps.ledger(), [])
})

it('watchDumps takes only ELF cores', async () => {
  await using dumps = new Dumps()
  dumps.put('ns/pod/app/core.log', Buffer.from('not a core, but long enough to be looked at'))
  dumps.put('ns/pod/app/core.empty', Buffer.alloc(0))
  const program = Buffer.from(CORE)
  program.writeUInt16LE(3, 16)
  dumps.put('ns/pod/app/core.program', program)
  dumps.put('core.of-nobody')
  dumps.put('ns/core.of-no-pod')
  dumps.put('Not A Namespace/pod/app/core')
  await dumps.sweep()
  await dumps.sweep()
  assert.deepEqual(dumps.ledger(), [])
})

it('watchDumps reads nothing from outside while a directory and a link change places', async () => {
  await using dumps = new Dumps()
  dumps.put('../elsewhere/app/core', elfCore({ pid: 666 }))
  const pod = path.join(dumps.directory, 'ns/pod')
  const link = path.join(dumps.directory, '../link')
  symlinkSync(path.join(dumps.directory, '../elsewhere'), link)
  const core = openSync(dumps.put('ns/pod/app/core'), 'r+')
  let swapping = true
  const swapped = (async () => {
    while (swapping) {
      renameSync(pod, `${link}.kept`)
      renameSync(link, pod)
      await new Promise(setImmediate)
      renameSync(pod, link)
      renameSync(`${link}.kept`, pod)
      await new Promise(setImmediate)
    }
  })()
  for (let round = 1; round <= 40; round += 1) {
    futimesSync(core, round, round)
    await dumps.sweep()
  }
  swapping = false
  await swapped
  closeSync(core)
  assert.ok(dumps.takes.every(({ bytes }) => bytes.equals(CORE)))
})

it('watchDumps takes a file that grows for 90 s once, when it is whole', async () => {
  await using dumps = new Dumps()
  const file = dumps.put('ns/pod/app/core', CORE.subarray(0, 100))
  await dumps.sweep()
  appendFileSync(file, CORE.subarray(100, 5000))
  await dumps.sweep(60)
  assert.deepEqual(dumps.ledger(), [])
  appendFileSync(file, CORE.subarray(5000))
  await dumps.sweep(60)
  await dumps.sweep()
  assert.deepEqual(dumps.ledger(), ['ns/pod/app/core'])
  assert.ok(dumps.takes.some(({ bytes }) => bytes.equals(CORE)))
})

it('watchDumps takes a short file when it has rested for a minute', async () => {
  await using dumps = new Dumps()
  dumps.put('ns/pod/app/core', CORE.subarray(0, 5000))
  await dumps.sweep()
  assert.deepEqual(dumps.ledger(), [])
  await dumps.sweep(60)
  assert.deepEqual(dumps.ledger(), ['ns/pod/app/core'])
})

it('watchDumps sees what comes after the sweep, and in directories that are new', async () => {
  await using dumps = new Dumps()
  await dumps.sweep()
  dumps.put('ns/new-pod/app/core.1')
  dumps.put('zzz/canary-1/app/core.moved')
  const seen = (below: string) => dumps.takes.some(take => take.path === below)
  const both = () => seen('ns/new-pod/app/core.1') && seen('zzz/canary-1/app/core.moved')
  for (let ticks = 0; ticks < 5000 && !both(); ticks += 1) {
    await dumps.beat()
    await new Promise(setImmediate)
  }
  assert.ok(both())
})

it('watchDumps removes a file only after it is stored, and only if it is wanted', async () => {
  for (const [deleteLocalCorefile, outcome, isThere] of [
    [true, 'stored', false],
    [true, 'suppressed', false],
    [true, 'skipped', true],
    [true, 'refused', true],
    [true, 'failed', true],
    [false, 'stored', true],
  ] as const) {
    await using dumps = new Dumps({ deleteLocalCorefile })
    const file = dumps.put('ns/pod/app/core')
    dumps.answer = ({ path: ledger }) => ({ outcome: ledger.startsWith('zzz') ? 'stored' : outcome })
    await dumps.sweep()
    assert.equal(existsSync(file), isThere, outcome)
  }
})

it('watchDumps empties a file where the configuration wants that', async () => {
  await using dumps = new Dumps({ deleteLocalCorefile: true, deleteBy: 'truncate' })
  const file = dumps.put('ns/pod/app/core')
  await dumps.sweep()
  await dumps.sweep()
  assert.equal(statSync(file).size, 0)
  assert.deepEqual(dumps.ledger(), ['ns/pod/app/core'])
  assert.ok(dumps.messages().includes('truncated local corefile: /corefile/ns/pod/app/core'))
})

it('watchDumps removes nothing else that has got the name meanwhile', async () => {
  await using dumps = new Dumps({ deleteLocalCorefile: true })
  const file = dumps.put('ns/pod/app/core')
  dumps.answer = ({ path: ledger }) => {
    if (ledger.startsWith('ns')) {
      unlinkSync(file)
      writeFileSync(file, 'mine')
    }
    return { outcome: 'stored' }
  }
  await dumps.sweep()
  assert.equal(readFileSync(file, 'utf8'), 'mine')
})

it('watchDumps takes a file again that changed while it was taken', async () => {
  await using dumps = new Dumps({ deleteLocalCorefile: true })
  const file = dumps.put('ns/pod/app/core')
  dumps.answer = ({ path: ledger }) => {
    if (ledger.startsWith('ns') && dumps.ledger().length === 1) appendFileSync(file, 'more')
    return { outcome: 'stored' }
  }
  await dumps.sweep()
  await dumps.sweep()
  const [first, second] = dumps.takes.filter(take => take.path.startsWith('ns'))
  assert.notEqual(first?.id, second?.id)
  assert.equal(existsSync(file), false)
})

it('watchDumps takes what it has kept once, over restarts too', async () => {
  await using dumps = new Dumps()
  dumps.put('ns/pod/app/core.1')
  dumps.put('ns/other/app/core.2')
  dumps.answer = ({ path: ledger }) => ({ outcome: ledger.includes('other') ? 'skipped' : 'stored' })
  await dumps.sweep()
  await dumps.end()
  await dumps.sweep()
  assert.deepEqual(dumps.ledger(), ['ns/other/app/core.2', 'ns/pod/app/core.1'])
})

it('watchDumps asks of a refused file once in its life', async () => {
  await using dumps = new Dumps()
  dumps.put('ns/pod/app/core')
  dumps.answer = ({ path: ledger }) => ({ outcome: ledger.startsWith('zzz') ? 'stored' : 'refused' })
  for (let round = 0; round < 4; round += 1) await dumps.sweep()
  assert.equal(dumps.ledger().length, 1)
})

it('watchDumps tries again, under the same id, when the upload was refused for ten minutes', async () => {
  await using dumps = new Dumps({ deleteLocalCorefile: true })
  const file = dumps.put('ns/pod/app/core')
  const outageEndsMs = dumps.nowMs + 660_000
  dumps.answer = ({ path: ledger }) =>
    ledger.startsWith('zzz') || dumps.nowMs > outageEndsMs
      ? { outcome: 'stored' }
      : { outcome: 'failed', reason: 'the store refuses', hint: 'Wait.' }
  for (let minute = 0; minute < 10; minute += 1) await dumps.sweep(60)
  assert.ok(existsSync(file))
  const tries = dumps.ledger().length
  assert.ok(tries >= 4 && tries <= 8, `${tries} tries`)
  for (let minute = 0; minute < 12; minute += 1) await dumps.sweep(60)
  assert.equal(existsSync(file), false)
  assert.equal(new Set(dumps.takes.filter(take => take.path.startsWith('ns')).map(({ id }) => id)).size, 1)
  const failure = dumps.lines.lines.find(({ msg }) => msg === 'core file not stored')
  assert.equal(failure?.reason, 'the store refuses')
  assert.equal(failure?.hint, 'Wait.')
})

it('watchDumps remembers over a restart how often a file failed, and takes others meanwhile', async () => {
  await using dumps = new Dumps()
  dumps.put('ns/pod/app/core')
  dumps.answer = ({ path: ledger }) =>
    ledger.startsWith('zzz') ? { outcome: 'stored' } : { outcome: 'failed', reason: 'the store refuses' }
  for (let minute = 0; minute < 12; minute += 1) await dumps.sweep(60)
  const tries = dumps.ledger().length
  await dumps.end()
  await dumps.sweep(1)
  assert.equal(dumps.ledger().length, tries)
  await dumps.sweep(600)
  assert.equal(dumps.ledger().length, tries + 1)
})

it('watchDumps does not begin with a file that ended it twice when it is back', async () => {
  await using dumps = new Dumps()
  const file = dumps.put('ns/pod/app/core')
  for (let end = 0; end < 2; end += 1) await dumps.killedAt(file)
  const tries = dumps.ledger().length
  await dumps.sweep(1)
  assert.equal(dumps.ledger().length, tries)
  await dumps.sweep(600)
  assert.equal(dumps.ledger().length, tries + 1)
})

it('watchDumps holds nothing against a file that was under way when it was told to end', async () => {
  await using dumps = new Dumps()
  dumps.put('ns/pod/app/core')
  for (let end = 0; end < 3; end += 1) {
    dumps.answer = (_take, signal) =>
      new Promise(resolve => signal.addEventListener('abort', () => resolve({ outcome: 'failed' })))
    dumps.nowMs += 1000
    await dumps.beat()
    await dumps.until(() => dumps.ledger().length === end + 1)
    await dumps.end()
  }
  dumps.answer = () => ({ outcome: 'stored' })
  await dumps.sweep(1)
  assert.equal(dumps.ledger().length, 4)
})

it('watchDumps takes ten thousand small files, and another pod does not wait for them', async () => {
  await using dumps = new Dumps({ deleteLocalCorefile: true, concurrency: 4 })
  const small = elfCore({ memory: [] })
  for (let count = 0; count < 10_000; count += 1) dumps.put(`a/loud/app/core.${count}`, small)
  dumps.put('b/quiet/app/core')
  await dumps.beat()
  await dumps.until(() => dumps.takes.length >= 10_001)
  await dumps.end()
  assert.equal(new Set(dumps.ledger()).size, 10_001)
  const lines = dumps.messages()
  const known = lines.indexOf('received fsnotify event: /corefile/b/quiet/app/core, op: CREATE')
  const ledger = lines.indexOf('capture a file:/corefile/b/quiet/app/core')
  const before = lines.slice(known, ledger).filter(msg => msg.startsWith('capture a file:'))
  assert.ok(before.length <= 8, `${before.length} before the quiet one`)
})

it('watchDumps lets no namespace wait for more than ten minutes while the files of another one have no end', async () => {
  await using dumps = new Dumps()
  dumps.answer = ({ path: taken }, signal) =>
    taken.startsWith('a/')
      ? new Promise(resolve => signal.addEventListener('abort', () => resolve({ outcome: 'failed' })))
      : { outcome: 'stored' }
  for (const pod of ['loud', 'louder', 'loudest']) dumps.put(`a/${pod}/app/core`)
  await dumps.beat()
  await dumps.until(() => dumps.takes.length === 1)
  dumps.put('b/quiet/app/core')
  for (const seconds of [540, 120]) {
    assert.equal(dumps.takes.length, 1)
    dumps.nowMs += seconds * 1000
    await dumps.beat()
  }
  await dumps.until(() => dumps.takes.length === 2)
  assert.equal(dumps.takes[1]?.path, 'b/quiet/app/core')
  dumps.put('c/quiet/app/core')
  await dumps.sweep()
  assert.deepEqual(
    dumps.ledger().filter(taken => taken.startsWith('a/')),
    ['a/loud/app/core'],
  )
})

it('watchDumps goes on with the next sweep where one was too long', async () => {
  await using dumps = new Dumps({}, { limits: { entries: 30, podEntries: 30 } })
  for (let pod = 0; pod < 12; pod += 1) dumps.put(`ns/pod-${pod}/app/core`)
  for (let round = 0; round < 5; round += 1) {
    dumps.nowMs += 60_000
    await dumps.beat()
  }
  await dumps.until(() => new Set(dumps.ledger()).size === 12)
  assert.ok(dumps.messages().includes('sweep goes on next time'))
})

it('watchDumps keeps a pod within its quota: stored files go, oldest first', async () => {
  await using dumps = new Dumps({ maxPodBytes: 40_000 })
  const files = [1, 2, 3, 4, 5].map(age => {
    const file = dumps.put(`ns/pod/app/core.${age}`)
    utimesSync(file, 1_700_000_000 + age, 1_700_000_000 + age)
    return file
  })
  for (let round = 0; round < 4; round += 1) await dumps.sweep()
  const there = files.map(existsSync)
  assert.equal(there[0], false)
  assert.equal(there[4], true)
  assert.deepEqual(
    there,
    there.toSorted((one, other) => Number(one) - Number(other)),
  )
})

it('watchDumps removes nothing for a quota that is not stored, and says so once an hour', async () => {
  await using dumps = new Dumps({ maxPodBytes: 4096 })
  const junk = dumps.put('ns/pod/app/junk', Buffer.alloc(100_000, 1))
  await dumps.sweep()
  await dumps.sweep(3500)
  const ofPod = () => dumps.events.filter(note => note.includes('pod ns/pod'))
  assert.equal(ofPod().length, 1)
  await dumps.sweep(120)
  await dumps.sweep(60)
  assert.equal(ofPod().length, 2)
  assert.match(ofPod()[0] ?? '', /fallback\.maxPodBytes/)
  const [fullest] = await readFillingPods(dumps.host.path('/run/coredog'))
  assert.equal(fullest?.pod, 'ns/pod')
  assert.ok(existsSync(junk))
})

it('watchDumps lets a container of any user write, and nobody of the node read', async () => {
  await using dumps = new Dumps()
  mkdirSync(path.join(dumps.directory, 'ns/pod/app/deep'), { recursive: true })
  mkdirSync(path.join(dumps.directory, 'ns/old'), { recursive: true })
  await dumps.sweep()
  const mode = (below: string) => statSync(path.join(dumps.directory, below)).mode & 0o777
  assert.equal(mode(''), 0o700)
  assert.equal(mode('ns'), 0o700)
  assert.equal(mode('ns/pod/app'), 0o777)
  assert.equal(mode('ns/old'), 0o777)
  assert.notEqual(mode('ns/pod'), 0o777)
  assert.notEqual(mode('ns/pod/app/deep'), 0o777)
})

it('watchDumps removes empty directories of pods that are gone, deepest first, after an hour', async () => {
  await using dumps = new Dumps()
  const pods = dumps.host.path('/run/coredog/pods.json')
  mkdirSync(path.dirname(pods), { recursive: true })
  writeFileSync(pods, JSON.stringify([{ namespace: 'ns', name: 'here', uid: 'u', annotations: {} }]))
  for (const below of ['ns/here/app', 'ns/gone/app', 'ns/full/app'])
    mkdirSync(path.join(dumps.directory, below), { recursive: true })
  dumps.put('ns/full/app/notes.txt', Buffer.from('mine'))
  const isThere = (below: string) => existsSync(path.join(dumps.directory, below))
  const tenMinutes = async () => {
    // As the installer writes it while it hears of the pods.
    utimesSync(pods, dumps.nowMs / 1000 + 600, dumps.nowMs / 1000 + 600)
    await dumps.sweep(600)
  }
  for (let minutes = 0; minutes < 50; minutes += 10) await tenMinutes()
  assert.ok(isThere('ns/gone/app'))
  for (let minutes = 0; minutes < 60; minutes += 10) await tenMinutes()
  assert.equal(isThere('ns/gone'), false)
  assert.ok(isThere('ns/here/app'))
  assert.ok(isThere('ns/full/app/notes.txt'))
  rmSync(pods)
  for (let minutes = 0; minutes < 180; minutes += 30) await dumps.sweep(1800)
  assert.ok(isThere('ns/here/app'))
})

it('watchDumps removes no directory by a list of pods that nobody writes any more', async () => {
  await using dumps = new Dumps()
  const pods = dumps.host.path('/run/coredog/pods.json')
  mkdirSync(path.dirname(pods), { recursive: true })
  writeFileSync(pods, '[]')
  utimesSync(pods, dumps.nowMs / 1000, dumps.nowMs / 1000)
  // Of a pod that has started since.
  mkdirSync(path.join(dumps.directory, 'ns/new/app'), { recursive: true })
  for (let minutes = 0; minutes < 180; minutes += 20) await dumps.sweep(1200)
  assert.ok(existsSync(path.join(dumps.directory, 'ns/new/app')))
})

it('watchDumps makes the directory, closed, or says what is in the way', async () => {
  await using dumps = new Dumps()
  rmSync(path.join(dumps.directory, '..'), { recursive: true })
  await dumps.beat()
  assert.equal(statSync(dumps.directory).mode & 0o777, 0o700)
  await dumps.end()
  rmSync(dumps.directory, { recursive: true })
  symlinkSync('/', dumps.directory)
  dumps.nowMs += 60_000
  await dumps.beat()
  const complaint = dumps.lines.lines.find(({ msg }) => msg === 'directory of cores not watched')
  assert.match(String(complaint?.hint), /fallback\.dumpsDir/)
})

it('watchDumps prefers the directory that an installation of old has mounted', async () => {
  const elsewhere = new Dumps()
  await using _ = elsewhere
  await using dumps = new Dumps({ corefileDir: elsewhere.directory })
  elsewhere.put('ns/pod/app/core')
  await dumps.beat()
  await dumps.until(() => dumps.ledger().length === 1)
  assert.equal(dumps.messages()[0], `started watch corefile in:${elsewhere.directory}`)
})
