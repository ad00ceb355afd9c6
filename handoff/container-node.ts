import { fieldsIn } from '../crash/fields.ts'
import { isOfAnotherVersion } from './format-version.ts'
import type { HandoffContainerNode } from './run-folder.ts'

/** `null`: it is none, or of a version that we do not know. */
export function decodeContainerNode(text: string): HandoffContainerNode | null {
  const found = fieldsIn(text) ?? {}
  const { handler } = found
  return !isOfAnotherVersion(found) && typeof handler === 'string' ? { handler } : null
}
