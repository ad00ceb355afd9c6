import { openSync, statSync } from 'node:fs'
import path from 'node:path'
import { readCoreHead } from '../crash/core-head.ts'
import { memoryAt } from '../crash/process-memory.ts'
import type { Proc } from '../handler/identity/proc.ts'

/**
 * The memory of a process that is gone, from its core, and the files that it had mapped, by the paths that they
 * still have here.
 */
export function processInCore(core: Buffer): Pick<Proc, 'memory' | 'open'> {
  const read = readCoreHead(core)
  const head = 'head' in read ? read.head : null
  return {
    memory: async (_, at, lengthBytes) => {
      const inCore = head === null ? null : memoryAt(head, at, lengthBytes).inCore
      return inCore && core.subarray(inCore.offset, inCore.offset + inCore.lengthBytes)
    },
    open: async mapFile => {
      const range = path.basename(mapFile)
      const file = head?.files.find(({ start, end }) => `${start.toString(16)}-${end.toString(16)}` === range)
      if (file === undefined) return null
      return { fd: openSync(file.path, 'r'), sizeBytes: statSync(file.path).size }
    },
  }
}
