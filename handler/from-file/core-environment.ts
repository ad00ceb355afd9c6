import type { CoreHead } from '../../crash/core-head.ts'
import { segmentAt } from '../../crash/core-head.ts'
import type { ReadMemory } from '../../crash/process-memory.ts'
import { shownText } from '../../untrusted/shown-text.ts'
import { LONGEST_ENVIRONMENT_BYTES } from '../identity/observe.ts'

/** What is looked at of the environment; before it there is what belongs to the stack. */
const MOST_VARIABLES = 4096

/**
 * The environment that a process began with, and its arguments before it, from the memory in its core: they end where
 * the path of the program begins. Empty where it is not there.
 */
export async function environmentIn(head: CoreHead, dumped: ReadMemory): Promise<string> {
  const { programPath } = head
  const segment = programPath === undefined ? undefined : segmentAt(head, programPath)
  if (programPath === undefined || segment === undefined) return ''
  const lengthBytes = Math.min(LONGEST_ENVIRONMENT_BYTES, Number(programPath - segment.address))
  if (lengthBytes === 0) return ''
  const bytes = await dumped(programPath - BigInt(lengthBytes), lengthBytes)
  const texts = shownText(bytes ?? Buffer.alloc(0))
    .split('\0')
    .filter(Boolean)
  return texts.slice(-MOST_VARIABLES).join('\0')
}
