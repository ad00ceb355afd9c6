import { handlerOf } from '../../crash/our-pattern.ts'

/**
 * How cores leave this node: through the kernel's pipe to our handler, or as files in a directory that pods
 * have mounted.
 */
export type CaptureMode = 'pipe' | 'file'

/**
 * The core_pattern of the file mode. The kernel resolves it in the root of the crashed process: where the pod
 * has its mount.
 */
export const FILE_PATTERN = '/corefile/core.%e.%p.%h.%t'

/**
 * Whether `pattern` is ours on a node that is to go `way`.
 *
 * The original CoreDog had people set {@link FILE_PATTERN} by hand, and nothing in the text tells theirs from
 * ours. So on a node with a pipe it is not ours: a line that is left in /etc/sysctl.conf is a foreign writer
 * like any other. And where it was before us, it is what was there before us: kept as the original, and put
 * back. A pipe is ours on any node: the configuration may just have changed.
 */
export function isOurs(pattern: string, way: CaptureMode): boolean {
  return handlerOf(pattern) !== null || (way === 'file' && pattern === FILE_PATTERN)
}
