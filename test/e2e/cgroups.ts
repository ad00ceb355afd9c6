import { readdirSync, readFileSync, rmdirSync } from 'node:fs'
import path from 'node:path'

const CGROUPS = '/sys/fs/cgroup'
const PODS = 'kubepods'
/**
 * Where pods are that ask for less than they may use, and that ask for nothing; the others are beside these
 * two, so it comes last.
 */
const CLASSES = ['burstable', 'besteffort', '']

/** Processes in the cgroups of the pods that have these uids. */
export function processesOfPods(uids: readonly string[]): number[] {
  const ours = uids.flatMap(uid => CLASSES.map(name => `/${path.join(PODS, name)}/pod${uid}`))
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
  for (const hierarchy of [CGROUPS, ...directoriesIn(CGROUPS)])
    for (const parent of CLASSES.map(name => path.join(hierarchy, PODS, name))) {
      const ours = directoriesIn(parent).filter(dir => uids.includes(path.basename(dir).slice('pod'.length)))
      for (const pod of ours) removeTree(pod)
      removeIfEmpty(parent)
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

function removeIfEmpty(cgroup: string): void {
  if (directoriesIn(cgroup).length === 0) orIfGone(undefined, () => rmdirSync(cgroup))
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
