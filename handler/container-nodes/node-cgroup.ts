import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Where the hierarchy of version 2 is, alone or beside those of version 1. */
const HIERARCHIES = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']

/** The cgroup of version 2 of the process whose /proc/<pid> is `folder`; `null`: none is known. */
export function cgroupOf(folder: string, hierarchies = HIERARCHIES): string | null {
  const hierarchy = hierarchies.find(where => existsSync(path.join(where, 'cgroup.controllers')))
  const place = /^0::(\/.*)$/m.exec(readFileSync(`${folder}/cgroup`, 'utf8'))?.[1]
  return hierarchy === undefined || place === undefined ? null : path.join(hierarchy, place)
}
