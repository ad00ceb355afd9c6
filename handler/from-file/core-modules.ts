import { close, read } from 'node:fs'
import { promisify } from 'node:util'
import { codeFiles } from '../../crash/code-files.ts'
import type { CoreHead } from '../../crash/core-head.ts'
import { buildIdIn } from '../../crash/elf-page.ts'
import type { MappedFile } from '../../crash/mapped-file.ts'
import type { ReadMemory } from '../../crash/process-memory.ts'
import { backWithin } from '../../time/left-behind.ts'
import type { OpenFile } from '../identity/proc.ts'
import type { OpenModule, UnopenedModule } from '../why/evidence.ts'
import type { ProcessCode } from '../why/remains.ts'
import { NO_CODE, type OpenCode } from './code-below.ts'

const MOST_MODULES = 256
const PAGE_BYTES = 4096
/** Of arm64: a mapping ends with a page. */
const LARGEST_PAGE_BYTES = 65_536
/** A file on a network file system that went away would take for ever. */
const LONGEST_OPEN_SECONDS = 3

const [readAt, closeFd] = [promisify(read), promisify(close)]

/**
 * The files of code of a process whose core is at hand, if they are of the builds that it ran: their first
 * pages are in the core by default (core(5), bit 4 of coredump_filter). Of others that have a build id there is
 * that page. One after the other, and none behind one that hangs, for that keeps a thread.
 */
export async function openModules(head: CoreHead, dumped: ReadMemory, open: OpenCode): Promise<ProcessCode> {
  const [modules, unopened]: [OpenModule[], UnopenedModule[]] = [[], []]
  let opening = open
  for (const [path, ranges] of [...codeFiles(head)].slice(0, MOST_MODULES)) {
    const beginning = await firstPage(ranges, dumped)
    if (beginning === null) continue
    const found = await openInTime(path, { ranges, beginning }, opening)
    if (found === 'hangs') opening = NO_CODE
    const file = found === 'hangs' ? null : found
    if (file !== null) modules.push({ path, ranges, ...file })
    else if (buildIdIn(beginning) !== null) unopened.push({ path, ranges, beginning })
  }
  return { modules, unopened }
}

async function firstPage(ranges: readonly MappedFile[], dumped: ReadMemory): Promise<Buffer | null> {
  const first = ranges.find(({ fileOffset }) => fileOffset === 0n)
  return first === undefined ? null : await dumped(first.start, PAGE_BYTES)
}

/** What the process had mapped of a file, and its first page. */
type Mapped = Pick<UnopenedModule, 'ranges' | 'beginning'>

async function openInTime(path: string, mapped: Mapped, open: OpenCode): Promise<OpenFile | null | 'hangs'> {
  const opening = openSame(path, mapped, open)
  const file = await backWithin(
    opening.then(file => ({ file })),
    LONGEST_OPEN_SECONDS,
  )
  if (file !== null) return file.file
  void opening.then(late => late && closeFd(late.fd)).catch(() => undefined)
  return 'hangs'
}

async function openSame(path: string, mapped: Mapped, open: OpenCode): Promise<OpenFile | null> {
  const file = await open(path)
  if (file === null) return null
  const page = Buffer.alloc(PAGE_BYTES)
  const got = await readAt(file.fd, page, 0, PAGE_BYTES, 0).catch(() => null)
  if (got !== null && isSameBuild(page.subarray(0, got.bytesRead), file, mapped)) return file
  await closeFd(file.fd)
  return null
}

/**
 * By the build id. Without one (musl's libc, `--build-id=none`) by all of the first page, which has the sizes and
 * places of all parts, and most often the first hashes of the symbols' names; and no mapping may lie beyond the end.
 */
function isSameBuild(page: Buffer, { sizeBytes }: OpenFile, { ranges, beginning }: Mapped): boolean {
  const buildId = buildIdIn(Buffer.from(beginning))
  if (buildId !== null) return buildIdIn(page) === buildId
  const end = BigInt(sizeBytes + LARGEST_PAGE_BYTES)
  return page.equals(beginning) && ranges.every(range => range.fileOffset + range.end - range.start < end)
}
