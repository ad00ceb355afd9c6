import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import { execa } from 'execa'

const folder = await mkdtemp(path.join(tmpdir(), 'coredog-own-cgroup-'))
after(() => rm(folder, { recursive: true }))

// In a process of its own: the priority of this one cannot be raised again by an ordinary user.
const ENTER_AND_LEAVE = `
  import { readdirSync } from 'node:fs'
  import { getPriority } from 'node:os'
  import { pino } from 'pino'
  import { lowerPriority, OwnCgroup } from '${path.resolve(import.meta.dirname, '../../../handler/queue/own-cgroup.ts')}'
  const prioritiesNow = () => [...new Set(readdirSync('/proc/self/task').map(thread => getPriority(Number(thread))))]
  const answers = JSON.parse(process.argv[1])
  const lines = []
  const cgroup = new OwnCgroup(${JSON.stringify(folder)}, pino({ level: 'debug' }, { write: line => lines.push(JSON.parse(line)) }))
  const before = prioritiesNow()
  await cgroup.enter('held')
  const held = prioritiesNow()
  lowerPriority()
  await cgroup.leaveShare(async () => answers.shift())
  process.stdout.write(JSON.stringify({ pid: process.pid, before, held, afterwards: prioritiesNow(), lines }))`

it('OwnCgroup has a fair share while a process is held, at the priority that it was started with, and little afterwards', async () => {
  const files = ['a', 'b'].map(name => path.join(folder, name, 'cgroup.procs'))
  for (const file of files) await mkdir(path.dirname(file), { recursive: true })
  const weight = path.join(folder, 'a', 'cpu.weight')
  await hand({ procsFiles: files, weights: [{ file: weight, held: '100', afterwards: '20' }] })
  const { pid, before, held, afterwards, lines } = await enterAndLeave(false)
  assert.deepEqual([held, afterwards], [before, [10]])
  assert.deepEqual(lines, [])
  for (const file of files) assert.equal(await readFile(file, 'utf8'), `${pid}`)
  assert.equal(await readFile(weight, 'utf8'), '20')
})

for (const { name, answers } of [
  { name: 'is held', answers: [true] },
  { name: 'came while it looked', answers: [false, true] },
]) {
  it(`OwnCgroup leaves the share of all handlers as it is when another process ${name}`, async () => {
    const weight = path.join(folder, 'cpu.shares')
    await hand({ procsFiles: [], weights: [{ file: weight, held: '2048', afterwards: '204' }] })
    await enterAndLeave(...answers)
    assert.equal(await readFile(weight, 'utf8'), '2048')
  })
}

it('OwnCgroup goes on without a cgroup, and says so to whoever debugs', async () => {
  await rm(path.join(folder, 'cgroup.json'), { force: true })
  const { afterwards, lines } = await enterAndLeave(false)
  assert.deepEqual(afterwards, [10])
  assert.deepEqual([...new Set(lines.map(line => line.msg))], ['cgroup not entered'])
})

it('OwnCgroup takes what an older installer handed over', async () => {
  const file = path.join(folder, 'cgroup.procs')
  await hand({ procsFiles: [file] })
  const { pid, lines } = await enterAndLeave(false)
  assert.deepEqual([await readFile(file, 'utf8'), lines], [`${pid}`, []])
})

it('OwnCgroup writes to nothing but files of a cgroup, and to its weight nothing but numbers', async () => {
  const victim = path.join(folder, 'victim')
  const shares = path.join(folder, 'v', 'cpu.shares')
  await mkdir(path.dirname(shares))
  for (const file of [victim, shares]) await writeFile(file, 'untouched')
  const weights = [
    { file: victim, held: '1', afterwards: '1' },
    { file: shares, held: '1; x', afterwards: '1' },
    { file: shares, held: 1, afterwards: 1 },
    'cpu.shares',
    null,
  ]
  for (const procsFiles of [[victim], ['cgroup.procs'], [17], 'no list'] as const) {
    await hand({ procsFiles, weights })
    await enterAndLeave(false)
  }
  for (const file of [victim, shares]) assert.equal(await readFile(file, 'utf8'), 'untouched')
})

interface Outcome {
  readonly pid: number
  readonly before: readonly number[]
  readonly held: readonly number[]
  readonly afterwards: readonly number[]
  readonly lines: readonly { msg: string }[]
}

/** What it is told when it asks whether any process is held. */
async function enterAndLeave(...answers: boolean[]): Promise<Outcome> {
  const program = ['--input-type=module', '--eval', ENTER_AND_LEAVE, JSON.stringify(answers)]
  const { stdout } = await execa(process.execPath, program, {
    cwd: path.resolve(import.meta.dirname, '../../..'),
  })
  return JSON.parse(stdout)
}

function hand(content: unknown): Promise<void> {
  return writeFile(path.join(folder, 'cgroup.json'), JSON.stringify(content))
}
