import { readdirSync, readFileSync, rmdirSync } from 'node:fs'
import path from 'node:path'

const CGROUPS = '/sys/fs/cgroup'
const PODS = 'kubepods/besteffort'

/** Processes in the cgroups of the pods that have these uids. */
export function processesOfPods(uids: readonly string[]): number[] {
  const ours = uids.map(uid => `/${PODS}/pod${uid}`)
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(name => {
      const cgroup = cgroupOf(name)
      return ours.some(pod => cgroup.includes(pod))
    })
    .map(Number)
}

/** Removes the cgroups of these pods, which no process may be in any more, in every hierarchy. */
export function removeCgroupsOfPods(uids: readonly string[]): void {
  for (const hierarchy of [CGROUPS, ...directoriesIn(CGROUPS)]) {
    const parent = path.join(hierarchy, PODS)
    const ours = directoriesIn(parent).filter(dir => uids.includes(path.basename(dir).slice('pod'.length)))
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
