import { close } from 'node:fs'
import { promisify } from 'node:util'
import { PF_X } from '../../crash/elf.ts'
import { statusFields } from '../../crash/proc-fields.ts'
import { UntrustedDirectory } from '../../durable/untrusted-directory.ts'
import { backWithin } from '../../time/left-behind.ts'
import type { Proc } from '../identity/proc.ts'
import { beginningOf, isSince } from './beginning.ts'
import { openBelow } from './file-below.ts'
import { jvmFiles } from './jvm-files.ts'
import type { HeldRuntime, RuntimeFile } from './runtime-file.ts'

/** They lie where the container has them, which may be on a network that went away; it is held meanwhile. */
const LONGEST_SECONDS = 0.3

const closeFd = promisify(close)

/** Of a process without code outside of files nothing is looked for. Never rejects; who asks closes them. */
export async function runtimeFiles(held: HeldRuntime, proc: Proc): Promise<readonly RuntimeFile[]> {
  if (!hasCompiledCode(held.head)) return []
  const opening = openAll(held, proc).catch(() => [])
  const opened = await backWithin(opening, LONGEST_SECONDS)
  if (opened === null) void opening.then(closeAll)
  return opened ?? []
}

async function closeAll(files: readonly RuntimeFile[]): Promise<void> {
  await Promise.allSettled(files.map(({ fd }) => closeFd(fd)))
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

/** One after the other: none is asked for behind one that hangs. */
async function openAll(held: HeldRuntime, proc: Proc): Promise<RuntimeFile[]> {
  const isTheirs = await isOfUser(held, proc)
  const beginning = await beginningOf(`${held.thread}/../..`, proc)
  await using root = await UntrustedDirectory.open(`${held.thread}/root/.`)
  const path = `/tmp/perf-${held.pid}.map`
  // As perf(1) asks for it.
  const map = await openBelow(root, path, proc, file => isTheirs(file) && isSince(file, beginning)).catch(
    () => null,
  )
  const ofJvm = await jvmFiles({ ...held, root, isTheirs }, proc).catch(() => [])
  return [...(map === null ? [] : [{ kind: 'perf-map' as const, path, ...map }]), ...ofJvm]
}

/** Whether a file is of the user that the process ran as, or of root. */
async function isOfUser({ thread }: HeldRuntime, proc: Proc): Promise<(file: { uid: number }) => boolean> {
  const status = (await proc.read(`${thread}/status`, 65_536)) ?? ''
  const uids = (statusFields(status).get('Uid') ?? '').split('\t').filter(Boolean).map(Number)
  return ({ uid }) => uid === 0 || uids.includes(uid)
}
