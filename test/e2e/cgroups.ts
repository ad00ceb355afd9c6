import { readdirSync, readFileSync, rmdirSync } from 'node:fs'
import path from 'node:path'

/** The uids of our pods start so: what a killed run left behind is known by it. */
export const POD_UID_PREFIX = 'c0ded06e-'

const CGROUPS = '/sys/fs/cgroup'
const OUR_POD = `/kubepods/besteffort/pod${POD_UID_PREFIX}`

/** Processes in the cgroups of our pods, ours or left by a run that was killed. */
export function processesOfOurPods(): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && cgroupOf(name).includes(OUR_POD))
    .map(Number)
}

/** Removes the cgroups of our pods, which no process may be in any more, in every hierarchy. */
export function removeCgroupsOfOurPods(): void {
  for (const hierarchy of [CGROUPS, ...directoriesIn(CGROUPS)]) {
    const parent = path.join(hierarchy, 'kubepods/besteffort')
    const ours = directoriesIn(parent).filter(dir => path.basename(dir).startsWith(`pod${POD_UID_PREFIX}`))
    for (const pod of ours) removeTree(pod)
    if (ours.length > 0) removeIfEmpty(parent) && removeIfEmpty(path.dirname(parent))
  }
}

function cgroupOf(pid: string): string {
  return orIfGone('', () => readFileSync(`/proc/${pid}/cgroup`, 'utf8'))
}

/** The files of a cgroup cannot be removed, and go with it: `rm -r` does not work here. */
function removeTree(cgroup: string): void {
  for (const child of directoriesIn(cgroup)) removeTree(child)
  orIfGone(undefined, () => rmdirSync(cgroup))
}

function removeIfEmpty(cgroup: string): boolean {
  if (directoriesIn(cgroup).length > 0) return false
  rmdirSync(cgroup)
  return true
}

function directoriesIn(dir: string): string[] {
  const entries = orIfGone([], () => readdirSync(dir, { withFileTypes: true }))
  return entries.filter(entry => entry.isDirectory()).map(entry => path.join(dir, entry.name))
}

function orIfGone<T>(otherwise: T, look: () => T): T {
  try {
    return look()
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return otherwise
    throw thrown
  }
}
