/** Of Linux, and enough for what a program is. */
const LONGEST_PATH_BYTES = 4096
const LONGEST_SEGMENT_BYTES = 255
const MOST_SEGMENTS = 64

/**
 * Where a file of the crashed process lies below a sysroot; the process chose its path. `null`: it is no absolute
 * path of plain names, or too long, so it gets no place there.
 */
export function sysrootPath(path: string): string | null {
  if (!path.startsWith('/') || Buffer.byteLength(path) > LONGEST_PATH_BYTES) return null
  const segments = path.split('/').slice(1)
  return segments.length <= MOST_SEGMENTS && segments.every(isName) ? segments.join('/') : null
}

/** `:` parts paths in a debugger's settings. */
function isName(segment: string): boolean {
  if (segment === '' || segment === '.' || segment === '..') return false
  return Buffer.byteLength(segment) <= LONGEST_SEGMENT_BYTES && !/[\p{C}\\:]/u.test(segment)
}

/** As a file is called; `null`: not so that it can be laid down anywhere. */
export function fileName(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return isName(name) ? name : null
}
