/** Linkers make 8, 16 or 20 bytes. */
const BUILD_ID = /^(?:[0-9a-f]{2}){8,20}$/

/**
 * Where the file of a build is below the place of all of them, as debuginfod has it, so that a bucket can be one;
 * `null`: it is no build id that a linker makes, which may hold anything.
 */
export function symbolPlace(buildId: string): string | null {
  return BUILD_ID.test(buildId) ? `buildid/${buildId}/debuginfo` : null
}
