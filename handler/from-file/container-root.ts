import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { parseCgroup } from '../../crash/cgroup.ts'
import { UntrustedDirectory } from '../../durable/untrusted-directory.ts'
import { backWithin } from '../../time/left-behind.ts'

/** A node has some thousands; kernel.pid_max is four millions at the most. */
const MOST_PROCESSES = 65_536
const MOST_CGROUP_BYTES = 64 * 1024

/** The file system of a container may be on a network that went away. */
const LONGEST_SECONDS = 3

/**
 * The root directory of the first process that is in one of `containers`; `null`: none of them runs, or it is not
 * found in time. What is in it is the tenant's. `processes` is the /proc of the node.
 */
export async function containerRoot(
  containers: ReadonlySet<string>,
  processes: string,
): Promise<UntrustedDirectory | null> {
  if (containers.size === 0) return null
  const finding = findRoot(containers, processes)
  const root = await backWithin(
    finding.then(found => ({ found })),
    LONGEST_SECONDS,
  )
  if (root === null) void finding.then(late => late?.[Symbol.asyncDispose]())
  return root?.found ?? null
}

async function findRoot(
  containers: ReadonlySet<string>,
  processes: string,
): Promise<UntrustedDirectory | null> {
  const ours = await Promise.all(['/', path.join(processes, '1/root/.')].map(placeOf))
  const names = await readdir(processes).catch(() => [])
  for (const pid of names.filter(name => /^[0-9]{1,7}$/.test(name)).slice(0, MOST_PROCESSES)) {
    const root = await rootOf(path.join(processes, pid), containers).catch(() => null)
    if (root === null) continue
    // A runtime puts a process into a container's cgroup first, and gives it the container's root then.
    if (!ours.includes(placeIn(await root.statSelf()))) return root
    await root[Symbol.asyncDispose]()
  }
  return null
}

/** By its folder's descriptor, which is this process's, and not that of another one that gets its number. */
async function rootOf(folder: string, containers: ReadonlySet<string>): Promise<UntrustedDirectory | null> {
  await using process = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  const at = `/proc/self/fd/${process.fd}`
  await using cgroup = await open(`${at}/cgroup`, 'r')
  const container = parseCgroup(await beginningOf(cgroup))?.containerId
  if (container === undefined || !containers.has(container)) return null
  return await UntrustedDirectory.open(`${at}/root/.`)
}

async function placeOf(folder: string): Promise<string | null> {
  return await stat(folder, { bigint: true }).then(placeIn, () => null)
}

function placeIn({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`
}

async function beginningOf(file: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_CGROUP_BYTES), 0, MOST_CGROUP_BYTES, 0)
  return buffer.toString('latin1', 0, bytesRead)
}
