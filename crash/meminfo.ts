/** What proc_meminfo(5) says of the memory of a node, in bytes. */
export interface MemInfo {
  readonly totalBytes: number
  /** Of which nothing at all is made. */
  readonly freeBytes: number
  /** What programs could have before the node swaps, as the kernel estimates it. */
  readonly availableBytes: number
  /** Of the page cache, what was not used lately. */
  readonly inactiveFileBytes: number
}

/** `null`: it is not as it should be. */
export function parseMemInfo(text: string): MemInfo | null {
  const [totalBytes, freeBytes, availableBytes, inactiveFileBytes] = [
    bytesOf('MemTotal', text),
    bytesOf('MemFree', text),
    bytesOf('MemAvailable', text),
    bytesOf('Inactive(file)', text),
  ]
  if (totalBytes === null || freeBytes === null || availableBytes === null || inactiveFileBytes === null)
    return null
  return { totalBytes, freeBytes, availableBytes, inactiveFileBytes }
}

function bytesOf(name: string, text: string): number | null {
  const line = text.split('\n').find(line => line.startsWith(`${name}:`)) ?? ''
  const [, kibibytes] = /: {1,20}(\d{1,12}) kB$/.exec(line) ?? []
  return kibibytes === undefined ? null : Number(kibibytes) * 1024
}
