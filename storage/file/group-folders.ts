import path from 'node:path'
import { groupFolderIn } from '../../crash/group-key.ts'

/** What lies in the folder of a group below folders of its own. */
const PARTS = ['kept', 'seen', 'told']

/**
 * The folders of the groups of `keys`, which are all over: each before the one that it is in. Where a node writes of such
 * a group just when they are removed, it is refused, and keeps its core, or writes again.
 */
export function foldersOfGroups(keys: readonly string[]): readonly string[] {
  const groups = [...new Set(keys.flatMap(key => groupFolderIn(key) ?? []))]
  const workloads = [...new Set(groups.map(path.posix.dirname))]
  const namespaces = [...new Set(workloads.map(path.posix.dirname))]
  return [
    ...groups.flatMap(group => PARTS.map(part => `${group}/${part}`)),
    ...groups,
    ...workloads,
    ...namespaces,
  ]
}
