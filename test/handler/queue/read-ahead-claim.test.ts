import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { it, type TestContext } from 'node:test'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { parseConfig } from '../../../config/parse-config.ts'
import { NodeMemory } from '../../../handler/queue/node-memory.ts'
import { ReadAheadClaim, TOKEN_BYTES } from '../../../handler/queue/read-ahead-claim.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { openLogLines } from '../../installer/log-lines.ts'
import { hammer } from './claim-hammer.ts'

const GIB = 2 ** 30

/** A tenth of the node below, in whole kibibytes. */
const RESERVE_BYTES = Math.ceil((6.4 * GIB) / 1024) * 1024

/** A node of 64 GiB, of which so much is free. */
function memoryOf(free: () => number): NodeMemory {
  const kB = (bytes: number) => `${bytes / 1024} kB\n`
  return new NodeMemory({
    meminfo: () =>
      `MemTotal: ${kB(64 * GIB)}MemFree: ${kB(free())}MemAvailable: ${kB(free())}Inactive(file): ${kB(0)}`,
    pressure: () => null,
    now: () => performance.now(),
  })
}

interface Claimed {
  readonly claim: ReadAheadClaim
  readonly folder: string
  readonly warnings: () => readonly unknown[]
}

/** Of so many tokens in all. What it is asked for it tries anew each time. */
function claimed(t: TestContext, tokens: number, options: Partial<Options> = {}): Claimed {
  const { run = temporaryFolder(t), free = () => 32 * GIB, onFirst = () => undefined } = options
  const { log, lines } = openLogLines()
  const { config } = parseConfig(
    `StorageConfig: {protocol: cfs, CFSMountPath: /}\npaths: {run: "${run}"}\nlimits: {readAhead: ${tokens * TOKEN_BYTES}}`,
  )
  let now = 0
  const claim = new ReadAheadClaim(config, {
    log,
    memory: memoryOf(free),
    now: () => {
      now += 1000
      return now
    },
    onFirst,
  })
  t.after(() => claim.keep(0))
  return {
    claim,
    folder: path.join(run, 'turns/read-ahead'),
    warnings: () => lines.filter(({ level }) => Number(level) >= 40).map(({ msg }) => msg),
  }
}

interface Options {
  readonly run: string
  readonly free: () => number
  readonly onFirst: () => void
}

/** The most tokens that it gives. */
function mostOf({ claim }: Claimed, tokens: number): number {
  let granted = 0
  while (granted < tokens && claim.mayHold((granted + 1) * TOKEN_BYTES)) granted += 1
  return granted
}

/** As if another process had claimed `tokens`. */
function otherClaim(folder: string, name: string, tokens: number): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = path.join(folder, name)
  writeFileSync(file, '')
  truncateSync(file, tokens)
  return file
}

function startTicksOf(pid: number | string): string {
  return /^\d+ \(.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]?.split(' ')[19] ?? ''
}

function sleeper(t: TestContext): ChildProcess {
  const child = spawn('sleep', ['600'])
  t.after(() => child.kill('SIGKILL'))
  return child
}

it('ReadAheadClaim gives as much as it is asked for, of its tokens, but for one of its own and an eighth of all', t => {
  const own = claimed(t, 16)
  assert.equal(mostOf(own, 99), 13)
  assert.equal(own.claim.mayHold(13 * TOKEN_BYTES), true)
  assert.equal(own.claim.mayHold(13 * TOKEN_BYTES + 1), false)
  const [name = ''] = readdirSync(own.folder)
  assert.equal(name, `${startTicksOf('self')}-${process.pid}`)
  assert.equal(readFileSync(path.join(own.folder, name)).length, 14)
  assert.deepEqual(own.warnings(), [])
})

it('ReadAheadClaim gives back what it does not keep, and has no file without a claim', t => {
  const own = claimed(t, 16)
  mostOf(own, 10)
  const file = path.join(own.folder, readdirSync(own.folder)[0] ?? '')
  own.claim.keep(3 * TOKEN_BYTES + 1)
  assert.equal(readFileSync(file).length, 5)
  own.claim.keep(9 * TOKEN_BYTES)
  assert.equal(readFileSync(file).length, 5)
  own.claim.keep(0)
  assert.deepEqual(readdirSync(own.folder), [])
  assert.equal(own.claim.mayHold(TOKEN_BYTES), true)
})

it('ReadAheadClaim leaves an eighth of what others leave', t => {
  const own = claimed(t, 64)
  const { pid = 0 } = sleeper(t)
  otherClaim(own.folder, `${startTicksOf(pid)}-${pid}`, 56)
  assert.equal(mostOf(own, 99), 6)
})

it('ReadAheadClaim has no file where it got nothing', t => {
  const own = claimed(t, 16)
  const { pid = 0 } = sleeper(t)
  otherClaim(own.folder, `${startTicksOf(pid)}-${pid}`, 15)
  assert.equal(own.claim.mayHold(1), false)
  assert.equal(readdirSync(own.folder).length, 1)
})

it('ReadAheadClaim has the tokens of a process that was killed, once it needs them', async t => {
  const own = claimed(t, 64)
  const child = sleeper(t)
  const file = otherClaim(own.folder, `${startTicksOf(child.pid ?? 0)}-${child.pid}`, 40)
  assert.equal(mostOf(own, 99), 20)
  child.kill('SIGKILL')
  await once(child, 'close')
  assert.equal(own.claim.mayHold(10 * TOKEN_BYTES), true)
  assert.ok(existsSync(file))
  assert.equal(mostOf(own, 99), 55)
  assert.ok(!existsSync(file))
})

it('ReadAheadClaim has the tokens of a process whose number another one has, and of a zombie', async t => {
  const own = claimed(t, 64)
  const { pid = 0 } = sleeper(t)
  otherClaim(own.folder, `${Number(startTicksOf(pid)) - 1}-${pid}`, 20)
  const zombie = await zombieOf(t)
  otherClaim(own.folder, `${startTicksOf(zombie)}-${zombie}`, 20)
  assert.equal(mostOf(own, 99), 55)
  assert.equal(readdirSync(own.folder).length, 1)
})

/** The program that its parent does not wait for: by then that is another one. */
async function zombieOf(t: TestContext): Promise<number> {
  const shell = spawn('sh', ['-c', 'read line <&3 & echo $!; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  t.after(() => shell.kill('SIGKILL'))
  const [line] = await once(shell.stdout as Readable, 'data')
  while (readFileSync(`/proc/${shell.pid}/comm`, 'utf8') !== 'sleep\n') await turnOfLoop()
  ;(shell.stdio[3] as Writable).end()
  const pid = Number(String(line))
  while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await turnOfLoop()
  return pid
}

it('ReadAheadClaim does not take foreign files for claims, and leaves them', t => {
  const own = claimed(t, 16)
  const names = ['note.txt', '12-34.tmp', '-', `${'9'.repeat(40)}-1`]
  for (const name of names) otherClaim(own.folder, name, 1000)
  mkdirSync(path.join(own.folder, '1-1'))
  assert.equal(mostOf(own, 99), 13)
  assert.equal(readdirSync(own.folder).length, names.length + 2)
})

it('ReadAheadClaim gives nothing while the node is short of memory, also of what was given before', t => {
  let free = 32 * GIB
  const own = claimed(t, 16, { free: () => free })
  const held = () => own.claim.mayHold(4 * TOKEN_BYTES)
  assert.equal(mostOf(own, 4), 4)
  free = 6 * GIB
  while (held());
  assert.equal(own.claim.mayHold(0), true)
  free = 32 * GIB
  while (!held());
  assert.deepEqual(own.warnings(), [])
})

it('ReadAheadClaim counts with a token of each other that is not filled yet', t => {
  const own = claimed(t, 64, { free: () => RESERVE_BYTES + 3 * TOKEN_BYTES })
  for (const { pid = 0 } of [sleeper(t), sleeper(t)]) otherClaim(own.folder, `${startTicksOf(pid)}-${pid}`, 2)
  assert.equal(mostOf(own, 1), 1)
  const { pid = 0 } = sleeper(t)
  otherClaim(own.folder, `${startTicksOf(pid)}-${pid}`, 2)
  assert.equal(own.claim.mayHold(2 * TOKEN_BYTES), false)
})

it('ReadAheadClaim gives no more than the cgroup of the handlers has beside limits.memory', t => {
  const run = temporaryFolder(t)
  const cgroup = path.join(run, 'cgroup')
  mkdirSync(cgroup)
  writeFileSync(path.join(run, 'cgroup.json'), JSON.stringify({ procsFiles: [`${cgroup}/cgroup.procs`] }))
  writeFileSync(path.join(cgroup, 'memory.max'), String(GIB + 8 * TOKEN_BYTES))
  assert.equal(mostOf(claimed(t, 64, { run }), 99), 6)
  writeFileSync(path.join(cgroup, 'memory.max'), String(GIB))
  assert.equal(mostOf(claimed(t, 64, { run }), 99), 0)
})

it('ReadAheadClaim tells once that something is held, before it is', t => {
  const told: number[] = []
  const own = claimed(t, 16, { onFirst: () => told.push(told.length) })
  own.claim.mayHold(0)
  assert.deepEqual(told, [])
  mostOf(own, 5)
  own.claim.keep(0)
  mostOf(own, 5)
  assert.deepEqual(told, [0])
})

it('ReadAheadClaim does nothing where nothing is to be read ahead', t => {
  const own = claimed(t, 0)
  assert.equal(own.claim.mayHold(1), false)
  own.claim.keep(0)
  assert.ok(!existsSync(own.folder))
})

for (const { name, spoil } of [
  { name: 'is none', spoil: (folder: string) => writeFileSync(folder, '') },
  {
    name: 'others may write to',
    spoil: (folder: string) => {
      mkdirSync(folder)
      chmodSync(folder, 0o777)
    },
  },
])
  it(`ReadAheadClaim gives nothing, and says so once, where its folder ${name}`, t => {
    const own = claimed(t, 16)
    mkdirSync(path.dirname(own.folder), { recursive: true })
    spoil(own.folder)
    for (const bytes of [1, 2, 3]) assert.equal(own.claim.mayHold(bytes), false)
    own.claim.keep(0)
    assert.deepEqual(own.warnings(), ['core not read ahead'])
  })

it('ReadAheadClaim gives nothing where the memory of the node cannot be read', t => {
  const own = claimed(t, 16, { free: () => Number.NaN })
  assert.equal(own.claim.mayHold(1), false)
  assert.deepEqual(own.warnings(), ['core not read ahead'])
})

it('ReadAheadClaim never gives more than there is, to eight processes at once', {
  timeout: 120_000,
}, async t => {
  const { most, grants, left } = await hammer(temporaryFolder(t), { processes: 8, rounds: 300, tokens: 24 })
  assert.ok(most <= 24, `${most} of 24 tokens were given`)
  assert.ok(grants > 20, `${grants}`)
  assert.deepEqual(left, [])
})
