import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import path from 'node:path'
import type { Config } from '../../config/config.ts'
import { decide } from '../../config/policy.ts'
import { beginsAsCore } from '../../crash/core-head.ts'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { newCrashId } from '../../crash/object-key.ts'
import { UntrustedDirectory } from '../../durable/untrusted-directory.ts'
import { CorePipe } from '../core/core-pipe.ts'
import { takeStdin } from '../core/stdin.ts'
import { type Disposition, dispose } from '../dispose.ts'
import { codeBelow } from '../from-file/code-below.ts'
import { beginCrash, type OpenCore, readCrash } from '../from-file/core-in-file.ts'
import type { Outside } from '../outside.ts'
import { keptStream } from './kept-stream.ts'

/**
 * Takes the core in `file`, or on stdin (`-`), as if it had just crashed; `null` if the policy wants none. It is
 * unknown whose it was, so it counts as unverified. Rejects if the file is no core, or was not stored. Below
 * `sysroot` are the programs and libraries, as they were where it crashed.
 */
export async function replay(
  { file, sysroot }: Replayed,
  config: Config,
  outside: Outside,
): Promise<Disposition | null> {
  if (decide(config.collect, null).do !== 'collect') return null
  await using root = await openSysroot(sysroot)
  const open = await openCore(file, config)
  await outside.waitToStream(null, open.pipe.closed)
  const begun = await beginCrash(open)
  const observed = { ...begun.observed, unverified: 'it was replayed from a file' }
  const whose = { ...begun, id: newCrashId(), node: outside.node, identity: null, observed }
  const crash = await readCrash(whose, codeBelow(root, outside.proc), outside.explain)
  return await dispose(crash, config, outside)
}

export interface Replayed {
  readonly file: string
  readonly sysroot: string
}

async function openSysroot(folder: string): Promise<UntrustedDirectory> {
  try {
    // What the operator names may be a link; nothing below it may.
    return await UntrustedDirectory.open(`${folder}/.`)
  } catch (cause) {
    throw new OperatorError(
      `Cannot look for programs in "${folder}": ${messageOf(cause instanceof OperatorError ? cause.cause : cause)}`,
      'Give a directory with --sysroot, such as the unpacked image of the container that crashed.',
      cause,
    )
  }
}

const START_BYTES = 18

async function openCore(file: string, { limits }: Config): Promise<OpenCore> {
  const opened = file === '-' ? takeStdin() : openFile(file)
  const stats = fstatSync(opened)
  const isStream = stats.isFIFO() || stats.isSocket()
  const fd = isStream ? await keptWhole(opened, limits.maxCoreBytes) : opened
  if (isCore(fd)) {
    const { size, blocks } = fstatSync(fd)
    // Of a pipe, when it was opened; of a file, when the core was written.
    const { mtimeMs, ctimeMs } = stats
    const pipe = new CorePipe(fd, { limitBytes: limits.maxCoreBytes })
    return { pipe, stats: { size, blocks, mtimeMs, ctimeMs }, path: path.basename(file) }
  }
  closeSync(fd)
  throw new OperatorError(
    `Cannot replay "${file}": it does not begin as an ELF core`,
    'Give an uncompressed ELF core, or unpack a stored one on the way: gunzip -c core.gz | coredog-handler replay -',
  )
}

function isCore(fd: number): boolean {
  const start = Buffer.alloc(START_BYTES)
  return fstatSync(fd).isFile() && beginsAsCore(start.subarray(0, readSync(fd, start, 0, START_BYTES, 0)))
}

async function keptWhole(fd: number, limitBytes: number): Promise<number> {
  try {
    return await keptStream(fd, limitBytes === 0 ? Number.POSITIVE_INFINITY : limitBytes)
  } catch (cause) {
    throw new OperatorError(
      `Cannot keep the core that comes through a pipe: ${messageOf(cause)}`,
      'Set TMPDIR to a directory with room for all of it.',
      cause,
    )
  } finally {
    closeSync(fd)
  }
}

function openFile(file: string): number {
  try {
    return openSync(file, 'r')
  } catch (cause) {
    throw new OperatorError(
      `Cannot read "${file}": ${messageOf(cause)}`,
      'Check the path and its permissions.',
      cause,
    )
  }
}
