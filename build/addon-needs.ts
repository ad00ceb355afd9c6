import { readNeeds } from './program-needs.ts'

// What Node's own program asks for, so that the addon is loaded wherever the handler can be started.
const NEWEST_GLIBC = '2.28'

/** Throws if the addon asks for more than the handler does. */
export function assertRunsOnOldSystems(addon: Buffer): void {
  const { libraries, versions } = readNeeds(addon)
  const foreign = libraries.filter(name => name !== 'libc.so.6' && !name.startsWith('ld-linux'))
  const tooNew = versions.filter(
    version => !version.startsWith('GLIBC_') || isNewer(version.slice('GLIBC_'.length)),
  )
  if (foreign.length + tooNew.length === 0) return
  throw new Error(`the addon would need ${[...foreign, ...tooNew].join(', ')}, which nodes may not have`)
}

function isNewer(version: string): boolean {
  return version.localeCompare(NEWEST_GLIBC, 'en', { numeric: true }) > 0
}
