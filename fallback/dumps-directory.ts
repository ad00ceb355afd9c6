import { mkdir, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import type { FallbackConfig } from '../config/config.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { codeOf, insteadOf } from '../crash/system-error.ts'
import type { Host } from '../handoff/host.ts'

/** Where the cores of this node's pods lie. */
export interface DumpsDirectory {
  /** For us, in our own container. */
  readonly path: string
  /** Whether inotify does not see there what others do. */
  readonly isBlind: boolean
}

/**
 * The one that an installation of old has mounted in our own container, else that of the node. It is made if
 * it is not there.
 */
export async function findDumpsDirectory(
  fallback: Pick<FallbackConfig, 'corefileDir' | 'dumpsDir'>,
  host: Host,
): Promise<DumpsDirectory> {
  const path = await placeOf(fallback, host)
  return { path, isBlind: BLIND.has((await statfs(path)).type >>> 0) }
}

async function placeOf(
  { corefileDir, dumpsDir }: Pick<FallbackConfig, 'corefileDir' | 'dumpsDir'>,
  host: Host,
): Promise<string> {
  if (await isDirectory(corefileDir)) return corefileDir
  const directory = host.path(dumpsDir)
  if (!(await isDirectory(directory))) await make(directory, dumpsDir)
  return directory
}

// Of statfs(2), and of the file systems' own sources. Their servers and other clients change files without
// our kernel's knowing.
const BLIND = new Set([
  0x6969, // NFS
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x65735546, // FUSE
  0x01021997, // 9P
  0x00c36400, // Ceph
  0x0bd00bd0, // Lustre
  0x47504653, // GPFS
  0x5346414f, // AFS
  0x7461636f, // OCFS2
  0x01161970, // GFS2
])

/** No other user of the node may list it; the folders above it are as any others. */
async function make(directory: string, dumpsDir: string): Promise<void> {
  try {
    await mkdir(path.dirname(directory), { recursive: true, mode: 0o755 })
    await mkdir(directory, { mode: 0o700 })
  } catch (cause) {
    throw new OperatorError(
      `Cannot make the directory of cores "${dumpsDir}": ${codeOf(cause) || messageOf(cause)}`,
      'Set fallback.dumpsDir to a directory on a file system of the node that can be written.',
      cause,
    )
  }
}

async function isDirectory(candidate: string): Promise<boolean> {
  if (candidate === '') return false
  const found = await stat(candidate).catch(insteadOf(['ENOENT', 'ENOTDIR'], null))
  return found?.isDirectory() ?? false
}
