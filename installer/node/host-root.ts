import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { OperatorError } from '../../crash/errors.ts'

/** Where the manifests mount the root of the node, or (Talos) some of its directories. */
export const HOST_MOUNT = '/host'

// PROC_PID_INIT_INO of linux/proc_ns.h: the same on every machine.
const NODES_OWN_PIDS = 'pid:[4026531836]'

/** What there is to tell a node from a container on it. */
interface Whereabouts {
  /** As proc(5) has it. */
  readonly mountinfo: string
  /** The link /proc/self/ns/pid. */
  readonly pidNamespace: string
}

/**
 * Where the root of the node is, if no option says it: below /host where something is mounted, else /.
 * Rejects in a container without such a mount: its own root is none that the kernel starts a handler from.
 */
export function findHostRoot({ mountinfo, pidNamespace }: Whereabouts = whereabouts()): string {
  const points = mountinfo.split('\n').map(line => line.split(' ')[4] ?? '')
  if (points.some(point => point === HOST_MOUNT || point.startsWith(`${HOST_MOUNT}/`))) return HOST_MOUNT
  if (pidNamespace === NODES_OWN_PIDS) return '/'
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
  }
}
