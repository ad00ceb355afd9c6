import type { CoreHead } from '../../crash/core-head.ts'
import type { Remains } from '../why/remains.ts'
import type { OpenCode } from './code-below.ts'
import { codeMemory } from './code-memory.ts'
import { coreMemory } from './core-memory.ts'
import { openModules } from './core-modules.ts'

/** Nothing is held meanwhile. */
const PATIENCE_SECONDS = 10

/** A process of which there is the core in the file `fd`, and as many of its files of code as `open` finds. */
export function coreRemains(fd: number, head: CoreHead, open: OpenCode): Remains {
  const dumped = coreMemory(fd, head)
  const code = once(() => openModules(head, dumped, open))
  const mapped = once(async () => codeMemory((await code()).modules, head))
  return {
    memory: async (address, lengthBytes) =>
      (await dumped(address, lengthBytes)) ?? (await (await mapped())(address, lengthBytes)),
    code,
    patienceSeconds: PATIENCE_SECONDS,
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => {
    made ??= make()
    return made
  }
}
