import { close } from 'node:fs'
import { promisify } from 'node:util'
import type { CoreHead } from '../../crash/core-head.ts'
import { PF_X } from '../../crash/elf.ts'
import { statusFields } from '../../crash/proc-fields.ts'
import { UntrustedDirectory } from '../../durable/untrusted-directory.ts'
import { backWithin } from '../../time/left-behind.ts'
import type { OpenFile, Proc } from '../identity/proc.ts'
import { openBelow } from './file-below.ts'

/** A file that a language's runtime keeps, or leaves when it crashes, for others to read. */
export interface RuntimeFile extends OpenFile {
  readonly kind: 'perf-map'
}

/** A process that the kernel holds, as its runtime's files are found. */
export interface HeldRuntime {
  /** The folder of its crashing thread in /proc. */
  readonly thread: string
  /** As the process knows itself. */
  readonly pid: number
  readonly head: Pick<CoreHead, 'segments' | 'files' | 'vdso'>
}

/** They lie where the container has them, which may be on a network that went away; it is held meanwhile. */
const LONGEST_SECONDS = 0.3

const closeFd = promisify(close)

/** Of a process without code outside of files nothing is looked for. Never rejects; who asks closes them. */
export async function runtimeFiles(held: HeldRuntime, proc: Proc): Promise<readonly RuntimeFile[]> {
  if (!hasCompiledCode(held.head)) return []
  const opening = openPerfMap(held, proc).catch(() => null)
  const opened = await backWithin(
    opening.then(file => ({ file })),
    LONGEST_SECONDS,
  )
  if (opened === null) void opening.then(late => late && closeFd(late.fd)).catch(() => undefined)
  return opened?.file ? [{ kind: 'perf-map', ...opened.file }] : []
}

const USER_SPACE_END = 1n << 56n

/** Whether there is code that lies in no file and is not the kernel's. */
function hasCompiledCode({ segments, files, vdso }: HeldRuntime['head']): boolean {
  const mapped = new Set(files.map(({ start }) => start))
  return segments.some(
    ({ flags, address }) =>
      (flags & PF_X) !== 0 && address < USER_SPACE_END && address !== vdso && !mapped.has(address),
  )
}

/** As perf(1) asks for it: of the user that the process ran as, or of root. */
async function openPerfMap({ thread, pid }: HeldRuntime, proc: Proc): Promise<OpenFile | null> {
  const status = await proc.read(`${thread}/status`, 65_536)
  const uids = [0, ...(statusFields(status ?? '').get('Uid') ?? '').split('\t').filter(Boolean).map(Number)]
  await using root = await UntrustedDirectory.open(`${thread}/root/.`)
  return await openBelow(root, `/tmp/perf-${pid}.map`, proc, ({ uid }) => uids.includes(uid))
}
