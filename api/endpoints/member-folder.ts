import type { IndexEntry } from '../../crash/index-entry.ts'

/** As long as the program's name is in the folder of a crash. */
const LONGEST_PROGRAM = 64

/**
 * Where the core of each is in a dump, as k8s-coredump-detector has it, but relative: `<container>/<program>-<date>-<pid>`,
 * below the UID of the pod where all its containers are asked for.
 */
export function memberFolders(
  entries: readonly IndexEntry[],
  container: string | null,
): ReadonlyMap<IndexEntry, string> {
  const taken = new Set<string>()
  return new Map(
    entries.map(entry => {
      const folder = memberFolder(entry, container)
      // Two nodes may give one pid in the same second.
      const own = taken.has(folder) ? `${folder}-${entry.id}` : folder
      taken.add(own)
      return [entry, own]
    }),
  )
}

function memberFolder(entry: IndexEntry, asked: string | null): string {
  const { podUid, pod, container, comm, pid, time } = entry
  const date = `${time.toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`
  const called = `${comm.slice(0, LONGEST_PROGRAM)}-${date}-${pid}`
  return [...(asked === null ? [podUid ?? pod] : []), container, called].join('/')
}
