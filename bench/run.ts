import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { eventually } from '../test/e2e/eventually.ts'
import { type Contestant, type Place, quoted } from './contestant.ts'
import type { Core } from './core.ts'
import { clear, outputIn, sizeOf } from './output.ts'
import { checkOutput } from './output-check.ts'
import type { Way } from './way.ts'

/** One core, taken by one contestant. */
export interface Run {
  /** From the crash to when the process was gone. */
  readonly heldSeconds: number
  /** From its start to its end. */
  readonly doneSeconds: number
  readonly cpuSeconds: number
  readonly peakBytes: number
  /** 0 if it keeps nothing. */
  readonly storedBytes: number
}

/** A line of meter.c. */
export interface Metered {
  readonly wallSeconds: number
  readonly userSeconds: number
  readonly systemSeconds: number
  readonly peakBytes: number
  readonly status: number
}

export const END_SECONDS = 300
const LEAVE_SECONDS = 60

export interface RunConditions {
  readonly place: Place
  readonly way: Way
  /** Whether the output is looked at. */
  readonly checked: boolean
}

/** Throws if it fails, or, where `checked`, if its output is not the core. */
export async function runOnce(
  contestant: Contestant,
  core: Core,
  { place, way, checked }: RunConditions,
): Promise<Run> {
  clear(contestant.folder)
  const script = writeScript(contestant.command, place, contestant.metered)
  const heldSeconds = await endedWith(way.crash(core, script, contestant.kernelArguments), place.result)
  const { wallSeconds, peakBytes, ...cpu } = await resultIn(place.result, END_SECONDS)
  const files = outputIn(contestant.folder)
  if (checked && contestant.unpack !== null) await checkOutput(contestant.unpack, files, core.sizeBytes)
  const storedBytes = sizeOf(files)
  clear(contestant.folder)
  return { heldSeconds, doneSeconds: wallSeconds, cpuSeconds: cpuSecondsOf(cpu), peakBytes, storedBytes }
}

export function cpuSecondsOf(metered: Pick<Metered, 'userSeconds' | 'systemSeconds'>): number {
  return metered.userSeconds + metered.systemSeconds
}

/** For core_pattern, which is no shell's line and holds 127 bytes. */
export function writeScript(command: string, { scratch, programs, result }: Place, metered = true): string {
  rmSync(result, { force: true })
  const script = path.join(scratch.programs, 'c')
  const meter = metered ? `${quoted(programs.meter)} ${quoted(result)} -- ` : ''
  writeFileSync(script, `#!/bin/sh\nexec ${meter}${command}\n`)
  chmodSync(script, 0o755)
  return script
}

/**
 * What `crash` resolves with. Should it reject, the core ends early: who reads it is given time to end, too.
 */
export async function endedWith<Held>(crash: Promise<Held>, result: string): Promise<Held> {
  try {
    return await crash
  } catch (thrown) {
    // No process to wait for, or one that does not end: the first failure is what counts.
    await resultIn(result, LEAVE_SECONDS).catch(() => undefined)
    throw thrown
  }
}

/** Resolves once the meter has written; throws if what it measured failed. */
export async function resultIn(file: string, withinSeconds: number): Promise<Metered> {
  const [metered] = await resultsIn(file, 1, withinSeconds)
  return metered as Metered // one was waited for
}

/** As {@link resultIn}, of `count` that were started at once. */
export async function resultsIn(file: string, count: number, withinSeconds: number): Promise<Metered[]> {
  const all = await eventually('the end of who took the core', withinSeconds, () => {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
    return lines.length < count ? undefined : lines.map(line => JSON.parse(line) as Metered)
  })
  const failed = all.find(({ status }) => status !== 0)
  if (failed !== undefined) throw new Error(`it ended with status ${failed.status}`)
  return all
}
