import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CORE_PATTERN_LOCK, MachineLock } from '../e2e/machine-lock.ts'

/**
 * By this in its environment a process that the harness started is known as its trial's, whatever it is
 * called.
 */
export const TRIAL_FOLDER = 'COREDOG_CHAOS_FOLDER'

// Where the programs keep things by default: a trial always names other places.
const NOT_OURS = ['/etc/coredog', '/run/coredog', '/var/lib/coredog', '/var/log/coredog']

/** Where no trial has any business, and whose the files there are while the lock is held. */
export interface Elsewhere {
  readonly folders: readonly string[]
  readonly lock: string
}

const ELSEWHERE: Elsewhere = { folders: NOT_OURS, lock: CORE_PATTERN_LOCK }

/**
 * What a trial has left behind: processes, mounts, its own folder, and files elsewhere, unless an end-to-end
 * test has CoreDog installed just now. What is about to end gets `graceSeconds`. `before`: what
 * {@link filesIn} said before the trial.
 */
export async function leftoversOf(
  folder: string,
  before: ReadonlySet<string>,
  graceSeconds: number,
  elsewhere = ELSEWHERE,
): Promise<readonly string[]> {
  const deadline = performance.now() + graceSeconds * 1000
  for (;;) {
    const own = [
      ...processesOf(folder),
      ...mountsBelow(folder),
      ...(existsSync(folder) ? [`file ${folder}`] : []),
    ]
    const left = [...own, ...(await straysIn(elsewhere, before))]
    if (left.length === 0 || performance.now() > deadline) return left
    await pause(20)
  }
}

/** Files of the programs that are in no trial's folder. */
export function filesIn({ folders }: Elsewhere = ELSEWHERE): ReadonlySet<string> {
  return new Set(folders.flatMap(folder => namesIn(folder).map(name => path.join(folder, name))))
}

async function straysIn(elsewhere: Elsewhere, before: ReadonlySet<string>): Promise<readonly string[]> {
  // Before and after the look: a test may begin or end meanwhile.
  const wasHeld = await MachineLock.isHeld(elsewhere.lock)
  const strays = [...filesIn(elsewhere)].filter(file => !before.has(file))
  const ofTests = wasHeld || strays.length === 0 || (await MachineLock.isHeld(elsewhere.lock))
  return ofTests ? [] : strays.map(file => `file ${file}`)
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
