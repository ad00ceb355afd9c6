import { readFileSync } from 'node:fs'
import { parseMemInfo } from '../../crash/meminfo.ts'

/** What the node says of its memory just now. Throws the errors of `node:fs`. */
export interface MemoryReadings {
  /** See proc_meminfo(5). */
  readonly meminfo: () => string
  /** See https://docs.kernel.org/accounting/psi.html; `null`: this kernel does not count it. */
  readonly pressure: () => string | null
  /** In milliseconds. */
  readonly now: () => number
}

export const REAL_READINGS: MemoryReadings = {
  meminfo: () => readFileSync('/proc/meminfo', 'utf8'),
  pressure: () => {
    try {
      return readFileSync('/proc/pressure/memory', 'utf8')
    } catch {
      // Built without it, or booted with psi=0.
      return null
    }
  },
  now: () => performance.now(),
}

// Both readings take 0.1 ms, and a reader of 1.4 GiB a second takes 28 MiB meanwhile.
const READ_AGAIN_MS = 20

// The kubelet evicts pods below its `memory.available`, 100 MiB unless an operator says more, and few say more than
// a tenth of a node.
const LEAST_RESERVE_BYTES = 100 * 2 ** 20
const RESERVE_SHARE = 1 / 10

// A container that thrashes within its own limit stalls, too, and counts in the pressure of the node: it proves
// something only where there is not much left, and must not slow the crashes of others.
const SCARCE_SHARE = 1 / 4
const STALLED_SHARE = 1 / 10

/** How much memory of the node may still be taken before any of its pods suffers. */
export class NodeMemory {
  readonly #readings: MemoryReadings
  #readAt = Number.NEGATIVE_INFINITY
  #stalledMs = 0
  #roomBytes = 0

  constructor(readings: MemoryReadings = REAL_READINGS) {
    this.#readings = readings
  }

  /** 0: the node is short of it. Reads again after 20 ms only. Throws where it cannot be read. */
  roomBytes(): number {
    const now = this.#readings.now()
    const elapsedMs = now - this.#readAt
    if (elapsedMs < READ_AGAIN_MS) return this.#roomBytes
    const stalledShare = this.#stalledSince() / elapsedMs
    this.#readAt = now
    this.#roomBytes = roomOf(this.#memory(), stalledShare)
    return this.#roomBytes
  }

  /** As the kernel estimates it. Throws where it cannot be read. */
  availableBytes(): number {
    return this.#memory().availableBytes
  }

  #memory() {
    const memory = parseMemInfo(this.#readings.meminfo())
    if (memory === null) throw new Error('Cannot read "/proc/meminfo": it is not as proc_meminfo(5) says')
    return memory
  }

  /** For how many milliseconds some program waited for memory since the last reading. */
  #stalledSince(): number {
    const [, microseconds] = /^some .{1,100} total=(\d{1,18})$/m.exec(this.#readings.pressure() ?? '') ?? []
    const before = this.#stalledMs
    this.#stalledMs = Number(microseconds ?? 0) / 1000
    return this.#stalledMs - before
  }
}

function roomOf(memory: NonNullable<ReturnType<typeof parseMemInfo>>, stalledShare: number): number {
  const { totalBytes, freeBytes, availableBytes, inactiveFileBytes } = memory
  // The kubelet takes the page cache that was used lately, and all of the kernel's own, for used.
  const seenByKubelet = freeBytes + inactiveFileBytes
  const leftBytes = Math.min(availableBytes, seenByKubelet)
  if (leftBytes < totalBytes * SCARCE_SHARE && stalledShare > STALLED_SHARE) return 0
  return Math.max(0, leftBytes - Math.max(LEAST_RESERVE_BYTES, totalBytes * RESERVE_SHARE))
}
