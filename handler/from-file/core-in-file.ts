import type { Stats } from 'node:fs'
import path from 'node:path'
import { type CoreHead, fileAt } from '../../crash/core-head.ts'
import type { Capture } from '../capture.ts'
import type { CorePipe } from '../core/core-pipe.ts'
import { CoreStream } from '../core/core-stream.ts'
import { findAbort, findModulePage } from '../core/crash-memory.ts'
import { siteOf } from '../describe.ts'
import type { Observed } from '../identity/observe.ts'
import { Why } from '../why/why.ts'
import { coreMemory } from './core-memory.ts'

/** A core that lies in a file, opened at its beginning. */
export interface OpenCore {
  readonly pipe: CorePipe
  readonly stats: Pick<Stats, 'size' | 'blocks' | 'mtimeMs' | 'ctimeMs'>
  /** Below `/corefile`, as the original CoreDog's users know it. */
  readonly path: string
}

/** What a core and its file say of the crash. The process has long gone. */
export async function readCrash(
  open: OpenCore,
): Promise<Pick<Capture, 'time' | 'args' | 'observed' | 'pipe' | 'core' | 'site' | 'call' | 'why' | 'file'>> {
  open.pipe.look()
  const core = await CoreStream.begin(open.pipe)
  const { comm = '', signal } = core.head ?? {}
  const args = { comm, ...(signal === undefined ? {} : { signal: signal.number }) }
  const observed = { ...observedIn(core.head), residentBytes: open.stats.blocks * 512 }
  const memory = core.head === null ? nothing : coreMemory(open.pipe.fd, core.head)
  const page = await findModulePage(core, memory)
  const call = await findAbort({ core, observed }, page, memory)
  open.pipe.looked()
  return {
    time: crashTime(path.posix.basename(open.path), open.stats),
    args,
    observed,
    pipe: open.pipe,
    core,
    site: siteOf({ args, observed, core }, page),
    call,
    why: Why.unknown,
    file: { corefilePath: `/corefile/${open.path}`, fileBytes: open.stats.size },
  }
}

const nothing = async (): Promise<null> => null

function observedIn(head: CoreHead | null): Observed {
  const executable = head?.entry === undefined ? undefined : fileAt(head, head.entry)?.path
  return { cgroup: null, ...(executable && { executable }) }
}

const DAY_MILLISECONDS = 24 * 3600 * 1000

/**
 * When it crashed: by the `%t` at the end of a name such as `core.%e.%p.%h.%t`, if the file was last written
 * within a day of it, else when that was. The file's owner can set this time, but not that of its last
 * change.
 */
export function crashTime(name: string, { mtimeMs, ctimeMs }: Pick<Stats, 'mtimeMs' | 'ctimeMs'>): Date {
  const isPossible = mtimeMs > 0 && mtimeMs < ctimeMs + DAY_MILLISECONDS
  const writtenAt = isPossible ? mtimeMs : ctimeMs
  const named = Number(/\.(\d{10})$/.exec(name)?.[1] ?? 0) * 1000
  return new Date(Math.abs(named - writtenAt) <= DAY_MILLISECONDS ? named : writtenAt)
}
