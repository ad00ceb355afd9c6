import path from 'node:path'
import { CORE_PATTERN_ARGS } from './kernel-args.ts'

/**
 * What the handler is called, in whatever directory of the node it is. A core_pattern is ours by this name.
 */
export const HANDLER_NAME = 'coredog-handler'

/** What the handler's addon is called, beside it (`handler/native/`). */
export const ADDON_NAME = `${HANDLER_NAME}.isal.node`

/**
 * What the handler of a machine whose nodes are containers is called with first: it looks in which of them a process
 * is (`handler/container-nodes/`).
 */
export const CONTAINER_NODES = '--container-nodes'

/** The core_pattern that has the kernel start the handler at `file`, a path on the node. */
export function ourPattern(file: string, { containerNodes = false } = {}): string {
  return `|${file} ${containerNodes ? `${CONTAINER_NODES} ` : ''}${CORE_PATTERN_ARGS}`
}

/** Whether `pattern` is that of a machine whose nodes are containers. */
export function looksIntoNodes(pattern: string): boolean {
  return handlerOf(pattern) !== null && pattern.split(' ')[1] === CONTAINER_NODES
}

/** Where `pattern` says that our handler is; `null` if it is not our pattern. */
export function handlerOf(pattern: string): string | null {
  const program = pattern.startsWith('|') ? (pattern.slice(1).split(' ')[0] ?? '') : ''
  return path.posix.basename(program) === HANDLER_NAME ? program : null
}
