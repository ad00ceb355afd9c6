import type { UntrustedDirectory } from '../../durable/untrusted-directory.ts'
import type { OpenFile, Proc } from '../identity/proc.ts'
import { openBelow } from '../why/file-below.ts'

/** Opens a file of code by the path that the process had it mapped from; `null`: there is none. Never rejects. */
export type OpenCode = (path: string) => Promise<OpenFile | null>

/** Nothing is known of where its files are. */
export const NO_CODE: OpenCode = async () => null

/** The files below `root`, which may be a tenant's. */
export function codeBelow(root: UntrustedDirectory, proc: Pick<Proc, 'open'>): OpenCode {
  return path => openBelow(root, path, proc).catch(() => null)
}
