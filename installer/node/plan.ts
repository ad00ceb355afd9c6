import path from 'node:path'
import { handlerOf, looksIntoNodes, ourPattern } from '../../crash/our-pattern.ts'
import { KERNEL_DEFAULTS, type OriginalSysctls } from '../../handoff/original-sysctls.ts'
import { type CaptureMode, FILE_PATTERN, isOurs } from './capture-mode.ts'
import type { Brought, InstalledHandler } from './handler-binary.ts'
import { writerOf } from './known-writer.ts'
import { withoutMachine } from './machine.ts'
import type { NodeState } from './node-state.ts'

/** What the node should be like. */
export interface Wanted extends Brought {
  readonly way: CaptureMode
  /** Where the handler may be, best first. */
  readonly directories: readonly string[]
  /** The least that core_pipe_limit should be. */
  readonly corePipeLimit: number
  /** Another program keeps writing what we write: it is theirs now. */
  readonly contested?: boolean
  /** It is a machine whose nodes are containers. */
  readonly containerNodes?: boolean
}

/** One thing to be done on the node. Doing it twice does no harm. */
export type Step =
  | {
      readonly do: 'saveOriginal'
      readonly sysctls: OriginalSysctls
      /** It is unknown what was there: these are the kernel's defaults. */
      readonly assumed: boolean
    }
  | { readonly do: 'placeHandler'; readonly directories: readonly string[] }
  | { readonly do: 'placeAddon'; readonly directory: string }
  | { readonly do: 'writePipeLimit'; readonly limit: number }
  | { readonly do: 'writePattern'; readonly pattern: string }
  /** To the handler of its machine. */
  | { readonly do: 'showHandler'; readonly path: string }
  | { readonly do: 'leaveAlone'; readonly reason: string; readonly hint: string }
  | { readonly do: 'removeHandler'; readonly directory: string }
  | { readonly do: 'removeFolders' }

/**
 * What to do next, so that the node becomes as wanted. Nothing: it is. A handler that has to be placed comes
 * alone, for where it ends up is seen only then: do the steps, look again, and ask again. The file way needs
 * none.
 *
 * The order is what makes a kill at any moment harmless: first what was there is kept, then there is a
 * handler that runs, then core_pattern names it, and only then older ones go.
 */
export function plan(state: NodeState, wanted: Wanted): readonly Step[] {
  const { corePattern, staticHelper } = state
  if (staticHelper === '' && wanted.way === 'pipe') return [leaveTheKernelAlone]
  if (state.container !== null && wanted.way === 'pipe') return planContainer(state, wanted)
  if (wanted.contested === true && !isOurs(corePattern, wanted.way)) return [leaveTo(corePattern)]
  const keep = keepOriginal(state)
  if (wanted.way === 'file') return [...keep, ...writeFilePattern(state), ...state.handlers.map(removal)]
  const handler = goodHandler(state, wanted)
  // What it is refused for leaves nothing behind.
  if (handler === null) return [placing(state, wanted)]
  return [
    ...keep,
    ...completeHandler(handler, wanted),
    ...writeSysctls(state, wanted, handler),
    ...removeOthers(state, handler),
  ]
}

/**
 * The settings are those of the machine: what is set of them takes every crash there from who had it, and the kernel
 * would look for the handler where none is. An installer that did not know that may have set them.
 */
function planContainer(state: NodeState, wanted: Wanted): readonly Step[] {
  const { corePattern, original, container } = state
  const back = original.is === 'kept' ? restoreSysctls(state) : []
  const handler = goodHandler(state, wanted)
  if (handler === null) return [...back, placing(state, wanted)]
  return [
    ...back,
    ...completeHandler(handler, wanted),
    ...(container?.shownHandler === handler.path ? [] : [{ do: 'showHandler', path: handler.path } as const]),
    ...removeOthers(state, handler),
    ...(looksIntoNodes(corePattern) ? [] : [{ do: 'leaveAlone', ...withoutMachine(corePattern) } as const]),
  ]
}

function placing(state: NodeState, wanted: Wanted): Step {
  return { do: 'placeHandler', directories: bestDirectories(state, wanted) }
}

function keepOriginal({ original, corePattern, corePipeLimit }: NodeState): readonly Step[] {
  if (original.is === 'kept' || original.is === 'of another version') return []
  // Our own value is never what was there before us, even if the file of the originals is lost.
  const assumed = handlerOf(corePattern) !== null
  return [
    { do: 'saveOriginal', sysctls: assumed ? KERNEL_DEFAULTS : { corePattern, corePipeLimit }, assumed },
  ]
}

/** The handler that we brought, where it may be; the one in use first. */
function goodHandler({ corePattern, handlers }: NodeState, wanted: Wanted): InstalledHandler | null {
  const good = handlers.filter(
    ({ path: file, sha256, problem }) =>
      sha256 === wanted.sha256 &&
      problem === undefined &&
      wanted.directories.includes(path.posix.dirname(file)),
  )
  return good.find(({ path: file }) => file === handlerOf(corePattern)) ?? good[0] ?? null
}

/** One whose addon is missing or of another version works as well, and is slower. */
function completeHandler({ path: file, addonSha256 }: InstalledHandler, wanted: Wanted): readonly Step[] {
  if (wanted.addonSha256 === undefined || wanted.addonSha256 === addonSha256) return []
  return [{ do: 'placeAddon', directory: path.posix.dirname(file) }]
}

/** An upgrade stays where it is, if it may. */
function bestDirectories({ corePattern }: NodeState, { directories }: Wanted): readonly string[] {
  const inUse = path.posix.dirname(handlerOf(corePattern) ?? '')
  return [...directories].sort((a, b) => Number(b === inUse) - Number(a === inUse))
}

function writeSysctls(state: NodeState, wanted: Wanted, handler: InstalledHandler): readonly Step[] {
  const pattern = ourPattern(handler.path, wanted)
  const steps: Step[] = []
  // Before the pattern: with 0, which is "no limit", the kernel would not wait for the first crash to be
  // looked at.
  if (state.corePipeLimit < wanted.corePipeLimit && wanted.contested !== true) {
    steps.push({ do: 'writePipeLimit', limit: wanted.corePipeLimit })
  }
  if (state.corePattern !== pattern) steps.push({ do: 'writePattern', pattern })
  return steps
}

/** core_pipe_limit has no meaning for files, and may still hold back the last crashes of a pipe: it stays. */
function writeFilePattern({ corePattern }: NodeState): readonly Step[] {
  return corePattern === FILE_PATTERN ? [] : [{ do: 'writePattern', pattern: FILE_PATTERN }]
}

function removeOthers({ handlers }: NodeState, used: InstalledHandler): readonly Step[] {
  return handlers.filter(handler => handler.path !== used.path).map(removal)
}

function removal(handler: InstalledHandler): Step {
  return { do: 'removeHandler', directory: path.posix.dirname(handler.path) }
}

/**
 * How the node becomes what it was: core_pattern before the program that it names. What another program has
 * set in the meantime stays. Without a program and folders of ours nothing is left; asking again is harmless.
 */
export function planRestore(state: NodeState, directories: readonly string[]): readonly Step[] {
  return [
    ...restoreSysctls(state),
    ...[
      ...new Set([...state.handlers.map(({ path: file }) => path.posix.dirname(file)), ...directories]),
    ].map((directory): Step => ({ do: 'removeHandler', directory })),
    { do: 'removeFolders' },
  ]
}

function restoreSysctls({ corePattern, corePipeLimit, original, container }: NodeState): readonly Step[] {
  // Set on the machine, or by another node: it is put back there.
  if (container !== null && (original.is !== 'kept' || looksIntoNodes(corePattern))) return []
  const before = original.is === 'kept' ? original.sysctls : KERNEL_DEFAULTS
  // An installer that never kept the originals has not set a file pattern either: then it was set by hand,
  // and stays.
  const ours = isOurs(corePattern, original.is === 'kept' ? 'file' : 'pipe')
  // The pattern is back and the limit is not: we were killed in between.
  const halfDone = original.is === 'kept' && corePattern === before.corePattern
  const steps: Step[] = []
  if (ours && corePattern !== before.corePattern)
    steps.push({ do: 'writePattern', pattern: before.corePattern })
  if ((ours || halfDone) && corePipeLimit !== before.corePipeLimit) {
    steps.push({ do: 'writePipeLimit', limit: before.corePipeLimit })
  }
  return steps
}

const leaveTheKernelAlone: Step = {
  do: 'leaveAlone',
  reason: 'this kernel starts no programs by itself (CONFIG_STATIC_USERMODEHELPER with an empty path)',
  hint: 'Set `fallback.corePattern: true`: then the kernel writes files by itself. Or use another node image.',
}

function leaveTo(corePattern: string): Step {
  return {
    do: 'leaveAlone',
    reason: `core_pattern is "${corePattern}", and ${writerOf(corePattern)} has kept putting it back`,
    hint: 'Turn the other collector off, or remove CoreDog from this node; then restart the installer.',
  }
}
