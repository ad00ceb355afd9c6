import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { OperatorError } from '../../crash/errors.ts'
import { MACHINES_PIDS } from './container-node.ts'

/** Where the manifests mount the root of the node, or (Talos) some of its directories. */
export const HOST_MOUNT = '/host'

/** Of the machine: its first process, and kthreadd, from which come those that the kernel starts. */
const FIRST = ['/proc/1', '/proc/2']

/** What there is to tell a node from a container on it. */
interface Whereabouts {
  /** As proc(5) has it. */
  readonly mountinfo: string
  /** The link /proc/self/ns/pid. */
  readonly pidNamespace: string
  /** The root of the machine where its mounts are others than ours, as in a container; `null`: they are not. */
  readonly machinesRoot: string | null
}

/**
 * Where the root of the node is, if no option says it: below /host where something is mounted, that of the machine's
 * first process, or /. Rejects in a container that sees neither: its own root is none that the kernel starts a handler from.
 */
export function findHostRoot({ mountinfo, pidNamespace, machinesRoot }: Whereabouts = whereabouts()): string {
  const points = mountinfo.split('\n').map(line => line.split(' ')[4] ?? '')
  if (points.some(point => point === HOST_MOUNT || point.startsWith(`${HOST_MOUNT}/`))) return HOST_MOUNT
  if (pidNamespace === MACHINES_PIDS) return machinesRoot ?? '/'
  throw new OperatorError(
    `Cannot find the node: this is a container, and nothing is mounted at ${HOST_MOUNT}`,
    'Mount the root of the node there, or name where it is with --host-root.',
  )
}

/**
 * Throws an {@link OperatorError} if `root` is no directory: it is a mistake, for a node's root is never
 * made.
 */
export function assertRoot(root: string): void {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() === true) return
  throw new OperatorError(
    `Cannot find the node: there is no directory "${root}"`,
    'Correct --host-root: on the node itself it is /, and may be left out.',
  )
}

function whereabouts(): Whereabouts {
  return {
    mountinfo: readFileSync('/proc/self/mountinfo', 'utf8'),
    pidNamespace: readlinkSync('/proc/self/ns/pid'),
    machinesRoot: machinesRoot(),
  }
}

/** Of a user who may know nothing of these processes it is the own one: who needs root is told so elsewhere. */
function machinesRoot(): string | null {
  const own = mountsOf('/proc/self')
  const first = FIRST.find(process => mountsOf(process) !== null)
  return first === undefined || mountsOf(first) === own ? null : `${first}/root`
}

function mountsOf(process: string): string | null {
  try {
    return readlinkSync(`${process}/ns/mnt`)
  } catch {
    return null
  }
}
