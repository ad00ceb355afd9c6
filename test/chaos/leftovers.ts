import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * By this in its environment a process that the harness started is known as its trial's, whatever it is
 * called.
 */
export const TRIAL_FOLDER = 'COREDOG_CHAOS_FOLDER'

// Where the programs keep things by default: a trial always names other places.
const NOT_OURS = ['/etc/coredog', '/run/coredog', '/var/lib/coredog', '/var/log/coredog']

/**
 * What a trial has left behind: processes, mounts, its own folder, and files where no trial has any business.
 * What is about to end gets `graceSeconds`. `before`: what {@link elsewhere} said before the trial.
 */
export async function leftoversOf(
  folder: string,
  before: ReadonlySet<string>,
  graceSeconds: number,
): Promise<readonly string[]> {
  const deadline = performance.now() + graceSeconds * 1000
  for (;;) {
    const left = [...processesOf(folder), ...mountsBelow(folder), ...filesLeft(folder, before)]
    if (left.length === 0 || performance.now() > deadline) return left
    await pause(20)
  }
}

/** Files of the programs that are in no trial's folder. */
export function elsewhere(): ReadonlySet<string> {
  return new Set(NOT_OURS.flatMap(folder => namesIn(folder).map(name => path.join(folder, name))))
}

function filesLeft(folder: string, before: ReadonlySet<string>): readonly string[] {
  const strays = [...elsewhere()].filter(file => !before.has(file))
  return [...(existsSync(folder) ? [folder] : []), ...strays].map(file => `file ${file}`)
}

function mountsBelow(folder: string): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(line => line.includes(folder))
    .map(line => `mount ${line}`)
}

function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(pid => isOf(folder, `/proc/${pid}`))
    .map(pid => `process ${pid}: ${textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`)
}

function isOf(folder: string, proc: string): boolean {
  const said = [textOf(`${proc}/cmdline`), textOf(`${proc}/environ`)]
  const opened = namesIn(`${proc}/fd`, false).map(fd => linkOf(`${proc}/fd/${fd}`))
  return [...said, ...opened].some(text => text.includes(folder))
}

function namesIn(folder: string, recursive = true): readonly string[] {
  try {
    return readdirSync(folder, { recursive, encoding: 'utf8' })
  } catch {
    return [] // not there, or a process that has ended
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // it has ended
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return '' // it has ended
  }
}
