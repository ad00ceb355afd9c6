import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import { execa } from 'execa'

const folder = await mkdtemp(path.join(tmpdir(), 'coredog-own-cgroup-'))
after(() => rm(folder, { recursive: true }))

// In a process of its own: the priority of this one cannot be raised again by just anybody.
const MAKE_WAY = `
  import { readdirSync } from 'node:fs'
  import { getPriority } from 'node:os'
  import { pino } from 'pino'
  import { makeWay } from '${path.resolve(import.meta.dirname, '../../handler/own-cgroup.ts')}'
  const lines = []
  await makeWay(${JSON.stringify(folder)}, pino({ level: 'debug' }, { write: line => lines.push(JSON.parse(line)) }))
  const priorities = readdirSync('/proc/self/task').map(thread => getPriority(Number(thread)))
  process.stdout.write(JSON.stringify({ pid: process.pid, priorities: [...new Set(priorities)], lines }))`

it('makeWay lowers the priority of every thread and writes its pid to every cgroup', async () => {
  const files = ['a', 'b'].map(name => path.join(folder, name, 'cgroup.procs'))
  for (const file of files) await execa('mkdir', [path.dirname(file)])
  await hand({ procsFiles: files })
  const { pid, priorities, lines } = await makeWayElsewhere()
  assert.deepEqual(priorities, [10])
  assert.deepEqual(lines, [])
  for (const file of files) assert.equal(await readFile(file, 'utf8'), `${pid}`)
})

it('makeWay goes on without a cgroup, and says so to whoever debugs', async () => {
  await rm(path.join(folder, 'cgroup.json'), { force: true })
  const { priorities, lines } = await makeWayElsewhere()
  assert.deepEqual(priorities, [10])
  assert.deepEqual(
    lines.map(line => line.msg),
    ['cgroup not entered'],
  )
})

it('makeWay writes to nothing but cgroup.procs', async () => {
  const victim = path.join(folder, 'victim')
  await writeFile(victim, 'untouched')
  for (const procsFiles of [[victim], ['cgroup.procs'], [17], 'no list'] as const) {
    await hand({ procsFiles })
    await makeWayElsewhere()
  }
  assert.equal(await readFile(victim, 'utf8'), 'untouched')
})

interface Outcome {
  readonly pid: number
  readonly priorities: readonly number[]
  readonly lines: readonly { msg: string }[]
}

async function makeWayElsewhere(): Promise<Outcome> {
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', MAKE_WAY], {
    cwd: path.resolve(import.meta.dirname, '../..'),
  })
  return JSON.parse(stdout)
}

function hand(content: unknown): Promise<void> {
  return writeFile(path.join(folder, 'cgroup.json'), JSON.stringify(content))
}
