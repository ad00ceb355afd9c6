import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { eventually } from '../test/e2e/eventually.ts'
import { type Contestant, type Place, quoted } from './contestant.ts'
import type { Core } from './core.ts'
import { checkOutput } from './output-check.ts'
import type { Way } from './way.ts'

/** One core, taken by one contestant. */
export interface Run {
  /** From the crash to when the process was gone. */
  readonly heldSeconds: number
  readonly cpuSeconds: number
  readonly peakBytes: number
  /** 0 if it keeps nothing. */
  readonly storedBytes: number
}

/** A line of meter.c. */
interface Metered {
  readonly wallSeconds: number
  readonly userSeconds: number
  readonly systemSeconds: number
  readonly peakBytes: number
  readonly status: number
}

const END_SECONDS = 300
const LEAVE_SECONDS = 60

/** Throws if it fails, or, where `checked`, if its output is not the core. */
export async function runOnce(
  contestant: Contestant,
  core: Core,
  { place, way, checked }: { place: Place; way: Way; checked: boolean },
): Promise<Run> {
  clear(contestant.folder)
  const script = writeScript(contestant.command, place, contestant.metered)
  const heldSeconds = await endedWith(way.crash(core, script, contestant.kernelArguments), place.result)
  const metered = await resultIn(place.result, END_SECONDS)
  if (metered.status !== 0) throw new Error(`it ended with status ${metered.status}`)
  const { userSeconds, systemSeconds, peakBytes } = metered
  const files = outputIn(contestant.folder)
  if (checked && contestant.unpack !== null) await checkOutput(contestant.unpack, files, core.sizeBytes)
  const storedBytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
  clear(contestant.folder)
  return { heldSeconds, cpuSeconds: userSeconds + systemSeconds, peakBytes, storedBytes }
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
async function endedWith(crash: Promise<number>, result: string): Promise<number> {
  try {
    return await crash
  } catch (thrown) {
    // No process to wait for, or one that does not end: the first failure is what counts.
    await resultIn(result, LEAVE_SECONDS).catch(() => undefined)
    throw thrown
  }
}

/** Resolves once the meter has written. */
export async function resultIn(file: string, withinSeconds: number): Promise<Metered> {
  return await eventually('the end of who took the core', withinSeconds, () => {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    return text.endsWith('\n') ? (JSON.parse(text) as Metered) : undefined
  })
}

function clear(folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) rmSync(path.join(folder, name), { recursive: true, force: true })
}

/** Reports and locks beside the cores do not count. */
function outputIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => path.basename(name).startsWith('core'))
    .map(name => path.join(folder, name))
    .filter(file => statSync(file).isFile())
}
