import type { Stats } from 'node:fs'
import path from 'node:path'
import { type CoreHead, fileAt } from '../../crash/core-head.ts'
import type { Capture } from '../capture.ts'
import type { CorePipe } from '../core/core-pipe.ts'
import { CoreStream } from '../core/core-stream.ts'
import type { Observed } from '../identity/observe.ts'
import { look } from '../look.ts'
import type { Explainer } from '../why/explainer.ts'
import type { OpenCode } from './code-below.ts'
import { environmentIn } from './core-environment.ts'
import { coreMemory } from './core-memory.ts'
import { coreRemains } from './core-remains.ts'

/** A core that lies in a file, opened at its beginning. */
export interface OpenCore {
  readonly pipe: CorePipe
  readonly stats: Pick<Stats, 'size' | 'blocks' | 'mtimeMs' | 'ctimeMs'>
  /** Below `/corefile`, as the original CoreDog's users know it. */
  readonly path: string
}

type BegunCrash = Pick<Capture, 'time' | 'args' | 'observed' | 'pipe' | 'core' | 'file'>
type WhoseCrash = BegunCrash & Pick<Capture, 'identity'>

/** What the head of a core, and its file, say of the crash. The process has long gone. */
export async function beginCrash(open: OpenCore): Promise<BegunCrash> {
  open.pipe.look()
  const core = await CoreStream.begin(open.pipe)
  const { comm = '', signal } = core.head ?? {}
  return {
    time: crashTime(path.posix.basename(open.path), open.stats),
    args: { comm, ...(signal === undefined ? {} : { signal: signal.number }) },
    observed: { ...(await observedIn(core.head, open.pipe.fd)), residentBytes: open.stats.blocks * 512 },
    pipe: open.pipe,
    core,
    file: { corefilePath: `/corefile/${open.path}`, fileBytes: open.stats.size },
  }
}

/** What the memory in the core says besides, and the files of code that `open` finds. */
export async function readCrash<Crash extends WhoseCrash>(
  crash: Crash,
  open: OpenCode,
  explain: () => Explainer,
): Promise<Crash & Pick<Capture, 'site' | 'call' | 'why'>> {
  const { head } = crash.core
  return await look(crash, head && coreRemains(crash.pipe.fd, head, open), explain)
}

async function observedIn(head: CoreHead | null, fd: number): Promise<Observed> {
  if (head === null) return { cgroup: null }
  const executable = head.entry === undefined ? undefined : fileAt(head, head.entry)?.path
  const environment = await environmentIn(head, coreMemory(fd, head))
  return { cgroup: null, ...(executable && { executable }), ...(environment && { environment }) }
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
