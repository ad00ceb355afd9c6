import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { LimitsConfig } from '../../config/config.ts'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { parseMemInfo } from '../../crash/meminfo.ts'
import { insteadOf, orIfMissing } from '../../crash/system-error.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import { HOST_PATHS, type Host } from '../../handoff/host.ts'
import { readAheadBudget } from '../../handoff/read-ahead-budget.ts'
import { type CgroupWeight, encodeHandoff, type HandoffCgroup, RUN_FILES } from '../../handoff/run-folder.ts'
import { pidsIn, setFile, wordsOf } from './cgroup-files.ts'
import { type CgroupMount, parseCgroupMounts } from './cgroup-mounts.ts'
import { limitMemory, type MemoryLimit } from './memory-limit.ts'

/** The folder of the handlers at the root of every hierarchy. */
export const HANDLER_CGROUP = 'coredog-handler'

// It counts only when the CPUs are all busy. All pods together stand beside us under the root, as kubepods,
// with the weight of what the node has: 1,024 shares of version 1 for each CPU. While a process is held, and
// its container down, handlers have what two CPUs of it have; afterwards a fifth of what a cgroup has by
// default (100 in version 2, 1,024 in version 1).
const WEIGHTS: Record<1 | 2, Pick<CgroupWeight, 'held' | 'afterwards'> & { readonly name: string }> = {
  1: { name: 'cpu.shares', held: '2048', afterwards: '204' },
  2: { name: 'cpu.weight', held: '100', afterwards: '20' },
}

/** What the cgroup could be made to hold back. The rest is what the handler finds in `cgroup.json`. */
interface HandlerCgroup extends Required<HandoffCgroup> {
  readonly limits: readonly ('cpu' | 'memory')[]
}

interface HandlerCgroupOptions {
  /** All handlers that run at once share it. */
  readonly limits: Pick<LimitsConfig, 'memoryBytes' | 'readAheadBytes'>
  readonly name?: string
  readonly runFolder?: string
}

/**
 * Makes the cgroup that handlers move themselves into, in every hierarchy of the node that can hold one
 * back, sets its limits and tells the handler. It may be called again and again, which also repairs it.
 *
 * It stands at the root and not below the installer's own cgroup: a pod's cgroup is killed and removed with
 * the pod, and dumps must survive an update of the installer.
 */
export async function makeHandlerCgroup(host: Host, options: HandlerCgroupOptions): Promise<HandlerCgroup> {
  const { name = HANDLER_CGROUP, runFolder = HOST_PATHS.runFolder } = options
  const { memoryBytes } = options.limits
  const readAheadBytes = readAheadBudget(options.limits, await memoryOf(host))
  const { limits, ...handoff } = await makeCgroup(host, { memoryBytes, readAheadBytes, name })
  await writeAtomic(host.path(path.join(runFolder, RUN_FILES.cgroup)), encodeHandoff(handoff))
  return { limits, ...handoff }
}

/** All that the node has. */
async function memoryOf(host: Host): Promise<number> {
  return (
    parseMemInfo(await readFile(host.path('/proc/meminfo'), 'utf8').catch(orIfMissing('')))?.totalBytes ?? 0
  )
}

interface CgroupOptions extends MemoryLimit {
  readonly name: string
}

/**
 * In every hierarchy of the node that can hold one back, a cgroup at its root, with its limits; also repairs
 * it.
 */
export async function makeCgroup(host: Host, { name, ...memory }: CgroupOptions): Promise<HandlerCgroup> {
  const made: HandlerCgroup[] = []
  for (const mount of await mountsOf(host)) {
    const limits = await limit(host, mount, name, memory)
    const folder = path.join(mount.mountPoint, name)
    const weights = limits.includes('cpu') ? [weightIn(folder, mount.version)] : []
    if (limits.length > 0) made.push({ limits, procsFiles: [path.join(folder, 'cgroup.procs')], weights })
  }
  return {
    limits: made.flatMap(cgroup => cgroup.limits),
    procsFiles: made.flatMap(cgroup => cgroup.procsFiles),
    weights: made.flatMap(cgroup => cgroup.weights),
  }
}

function weightIn(folder: string, version: 1 | 2): CgroupWeight {
  const { name, held, afterwards } = WEIGHTS[version]
  return { file: path.join(folder, name), held, afterwards }
}

/** Takes it away again. What still runs in it is put back to where the kernel had started it. */
export async function removeHandlerCgroup(
  host: Host,
  { name = HANDLER_CGROUP, runFolder = HOST_PATHS.runFolder }: Partial<HandlerCgroupOptions> = {},
): Promise<void> {
  await rm(host.path(path.join(runFolder, RUN_FILES.cgroup)), { force: true })
  await removeCgroup(host, name)
}

/** What still runs in it is put back to the root of its hierarchy. */
export async function removeCgroup(host: Host, name: string): Promise<void> {
  for (const { mountPoint } of await mountsOf(host)) {
    const root = host.path(mountPoint)
    for (const pid of await pidsIn(path.join(root, name))) await moveToRoot(pid, root)
    await removeFolder(path.join(root, name))
  }
}

/** As the node's first process sees them: our own view is that of a container. */
async function mountsOf(host: Host): Promise<readonly CgroupMount[]> {
  const file = host.path('/proc/1/mountinfo')
  try {
    return parseCgroupMounts(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new OperatorError(
      `Cannot read the node's cgroup mounts "${file}": ${messageOf(cause)}`,
      "Mount the node's / into the installer's container with its mounts below it, and run it privileged.",
      cause,
    )
  }
}

type Limits = HandlerCgroup['limits']

/** The limits that now hold in this hierarchy; where there are none, no cgroup is left behind. */
async function limit(host: Host, mount: CgroupMount, name: string, memory: MemoryLimit): Promise<Limits> {
  const root = host.path(mount.mountPoint)
  const available = mount.version === 1 ? mount.controllers : await enableControllers(root)
  const wanted = (['cpu', 'memory'] as const).filter(controller => available.includes(controller))
  if (wanted.length === 0) return []
  const folder = path.join(root, name)
  await mkdir(folder, { recursive: true })
  if (wanted.includes('memory')) await limitMemory(folder, mount.version, memory)
  if (wanted.includes('cpu')) await setWeight(folder, mount.version)
  return wanted
}

/**
 * The handlers that are in it have set what they need; one that was killed while it held a process has left
 * that.
 */
async function setWeight(folder: string, version: 1 | 2): Promise<void> {
  if ((await pidsIn(folder)).length > 0) return
  const { file, afterwards } = weightIn(folder, version)
  await setFile(file, afterwards)
}

/** The controllers that cgroups under the root have, after asking for ours. */
async function enableControllers(root: string): Promise<readonly string[]> {
  const control = path.join(root, 'cgroup.subtree_control')
  const present = wordsOf(await readFile(path.join(root, 'cgroup.controllers'), 'utf8'))
  const enabled = wordsOf(await readFile(control, 'utf8'))
  const missing = ['cpu', 'memory'].filter(name => present.includes(name) && !enabled.includes(name))
  if (missing.length === 0) return enabled
  await setFile(control, missing.map(name => `+${name}`).join(' '))
  return [...enabled, ...missing]
}

async function moveToRoot(pid: string, root: string): Promise<void> {
  // One that ended in the meantime is as good.
  await writeFile(path.join(root, 'cgroup.procs'), pid).catch(insteadOf(['ESRCH'], undefined))
}

async function removeFolder(folder: string): Promise<void> {
  await rmdir(folder).catch(orIfMissing(undefined))
}
