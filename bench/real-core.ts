import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { messageOf } from '../crash/errors.ts'
import { findProgram } from '../test/installed-program.ts'
import { type Absent, type Place, quoted } from './contestant.ts'
import type { Core } from './core.ts'
import { resultIn, writeScript } from './run.ts'
import type { Way } from './way.ts'

/** A program with very many live objects, which says when it has them. */
interface Runtime {
  readonly name: string
  readonly title: string
  readonly program: string
  readonly args: readonly string[]
}

const LIVE = path.join(import.meta.dirname, 'live')

export const RUNTIMES: readonly Runtime[] = [
  { name: 'node', title: 'Node.js', program: process.execPath, args: [path.join(LIVE, 'live-objects.mjs')] },
  { name: 'python', title: 'Python', program: 'python3', args: [path.join(LIVE, 'live_objects.py')] },
  {
    ...{ name: 'java', title: 'Java', program: 'java' },
    args: ['-Xmx200m', path.join(LIVE, 'LiveObjects.java')],
  },
]

/**
 * Crashes it once and keeps its core. From then on a process of ours that has these very bytes in memory
 * crashes in its place: a runtime needs longer to get there than most of what is measured.
 */
export async function realCore(runtime: Runtime, place: Place, way: Way): Promise<Core | Absent> {
  const { name, program } = runtime
  const found = path.isAbsolute(program) ? program : findProgram(program)
  if (found === null) return { name, reason: `${program} is not installed` }
  if (way.pointAt === null) return { name, reason: 'a real core comes from the kernel' }
  try {
    const file = path.join(place.scratch.folder(name), 'core')
    const command = `/bin/cat >${quoted(file)} 2>/dev/null`
    await way.pointAt(writeScript(command, place), '%P')
    await crash({ ...runtime, program: found })
    await resultIn(place.result, WRITTEN_SECONDS)
    return { name, title: `A core of ${runtime.title}`, kind: file, sizeBytes: statSync(file).size }
  } catch (cause) {
    return { name, reason: messageOf(cause) }
  }
}

const READY_SECONDS = 120
const WRITTEN_SECONDS = 60

async function crash({ program, args }: Runtime): Promise<void> {
  // SIGABRT is what none of them catches. Java would write a page about it into its working directory.
  const victim = spawn(program, [...args], { cwd: '/', stdio: ['ignore', 'pipe', 'ignore'], env: {} })
  const exited = once(victim, 'exit')
  const late = setTimeout(() => victim.kill('SIGKILL'), READY_SECONDS * 1000)
  try {
    await readyLine(victim.stdout)
    victim.kill('SIGABRT')
    await exited
  } finally {
    clearTimeout(late)
    victim.kill('SIGKILL')
  }
}

async function readyLine(stdout: Readable): Promise<void> {
  for await (const line of createInterface({ input: stdout })) if (line === 'ready') return
  throw new Error('it ended before it had its objects')
}
