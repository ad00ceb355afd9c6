import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { messageOf } from '../crash/errors.ts'
import { type Absent, type Place, quoted } from './contestant.ts'
import type { Core } from './core.ts'
import { writeScript } from './run.ts'
import { programNamed, type Runtime } from './runtimes.ts'
import type { Way } from './way.ts'

/**
 * Crashes it once and keeps its core. From then on a process of ours that has these very bytes in memory
 * crashes in its place: a runtime needs longer to get there than most of what is measured.
 */
export async function realCore(runtime: Runtime, place: Place, way: Way): Promise<Core | Absent> {
  const { name, title, needs, command: start } = runtime
  const missing = needs.filter(program => programNamed(program) === null)
  if (missing.length > 0) return { name, reason: `${missing.join(', ')} is not installed` }
  if (way.pointAt === null) return { name, reason: 'a real core comes from the kernel' }
  const data = place.scratch.folder(`${name} data`)
  try {
    const folder = place.scratch.folder(name)
    // Each by its process: another one of the machine may crash meanwhile.
    const command = `/bin/cat >${quoted(path.join(folder, 'core-'))}"$1" 2>/dev/null`
    await way.pointAt(writeScript(command, place), '%P')
    const programs = needs.map(program => programNamed(program) ?? program)
    const pid = await crash(start(programs, data))
    const file = path.join(folder, `core-${pid}`)
    return { name, title: `A core of ${title}`, kind: file, sizeBytes: statSync(file).size }
  } catch (cause) {
    return { name, reason: messageOf(cause) }
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

const READY_SECONDS = 120

/** Resolves with the id of the process that did, once that is gone: so is then who has read its core. */
async function crash([program = '', ...args]: readonly string[]): Promise<number> {
  // SIGABRT is what none of them catches. Java would write a page about it into its working directory.
  const victim = spawn(program, [...args], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {},
  })
  const pid = victim.pid ?? 0
  const exited = once(victim, 'exit')
  const late = setTimeout(() => endGroup(pid), READY_SECONDS * 1000)
  try {
    const crashing = await readyProcess(victim.stdout, pid)
    process.kill(crashing, 'SIGABRT')
    await exited
    return crashing
  } finally {
    clearTimeout(late)
    endGroup(pid)
  }
}

/** Whoever started it, or the one that it says. */
async function readyProcess(stdout: Readable, itself: number): Promise<number> {
  for await (const line of createInterface({ input: stdout })) {
    const [, pid] = /^ready ?(\d*)$/.exec(line) ?? []
    if (pid !== undefined) return pid === '' ? itself : Number(pid)
  }
  throw new Error('it ended before it had its objects')
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // All of it has ended.
  }
}
