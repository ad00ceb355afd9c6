import type { Coredump } from '../../coredump/coredump.ts'
import { messageOf } from '../../crash/errors.ts'
import { storedExecutable } from '../../crash/opened-files.ts'
import type { CrashReport } from '../../crash/report.ts'
import { anySignal } from '../../time/any-signal.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { CliError, EXIT } from '../exit.ts'
import type { CrashSource, StoredBinary } from '../source/source.ts'
import type { CachedFile, CrashFiles } from './crash-folder.ts'
import type { DebugCache } from './debug-cache.ts'
import type { Wanted } from './fetched.ts'
import type { Transfer } from './transfer.ts'
import { compressionOf } from './unpacked.ts'

/** What fetching needs. */
export interface Fetching {
  readonly source: CrashSource
  readonly crash: Coredump
  /** `null`: it could not be read. */
  readonly report: CrashReport | null
  readonly cache: DebugCache
  readonly transfer: Transfer
  /** Says what is missing, and why. */
  readonly warn: (text: string) => void
  readonly signal: AbortSignal
}

/** So many small files come beside the core. */
const AT_ONCE = 4
const MOST_SYMBOLS = 16

/** Core, programs and symbols, those that are not in the cache from the store. */
export async function fetchFiles(fetching: Fetching): Promise<CrashFiles> {
  // One that fails ends the others, which would go on for nothing.
  const failed = new AbortController()
  const signal = anySignal([fetching.signal, failed.signal])
  const all = { ...fetching, signal }
  try {
    const [core, { program, modules }, symbols] = await Promise.all([
      fetchCore(all),
      fetchBinaries(all),
      fetchSymbols(all),
    ])
    return { core, program, modules, symbols }
  } catch (error) {
    failed.abort(error)
    throw error
  } finally {
    fetching.transfer.end()
  }
}

async function fetchCore({ source, crash, report, cache, transfer, signal }: Fetching): Promise<string> {
  const { status, metadata } = crash
  const { storedBytes, sha256 = report?.core?.sha256 ?? null } = status
  const wanted = {
    name: 'the core',
    open: (firstByte: number) => source.core(crash, { firstByte, signal }),
    sizeBytes: storedBytes > 0 ? storedBytes : null,
    sha256,
    ...{ onBytes: transfer.add, signal },
  }
  transfer.want(storedBytes)
  const name = isDigest(sha256) ? sha256 : `of-${metadata.name}`
  const compression = status.compression ?? compressionOf(report?.core?.key)
  return cache.objects.core(name, wanted, { compression, mostBytes: mostBytesOf(crash) })
}

/** What the kernel wrote, as far as that is known; a stranger's zeros fill no disk, for they are holes. */
function mostBytesOf({ status }: Coredump): number {
  return status.sizeBytes ?? 2 ** 40
}

async function fetchBinaries(fetching: Fetching): Promise<Pick<CrashFiles, 'program' | 'modules'>> {
  const { source, crash, report, signal } = fetching
  const binaries = (await orWarned(fetching, 'programs', source.binaries(crash, signal))) ?? []
  const bySha256 = new Map(binaries.map(binary => [binary.sha256, binary]))
  const files = new Map<string, string>()
  await fewAtOnce([...bySha256.values()], async binary => {
    const file = await orWarned(fetching, plain(binary.path), fetchBinary(binary, fetching))
    if (file !== null) files.set(binary.sha256, file)
  })
  const modules = binaries.flatMap(({ path, sha256, sizeBytes }): readonly CachedFile[] => {
    const file = files.get(sha256)
    return file === undefined ? [] : [{ path, sizeBytes, file }]
  })
  const executable = executableIn(binaries, crash, report)
  return { modules, program: executable === null ? null : (files.get(executable.sha256) ?? null) }
}

function executableIn(
  binaries: readonly StoredBinary[],
  { spec }: Coredump,
  report: CrashReport | null,
): StoredBinary | null {
  const sha256 = report === null ? undefined : storedExecutable(report)?.sha256
  const byReport = binaries.find(binary => binary.sha256 === sha256)
  return byReport ?? binaries.find(({ path }) => path === spec.executable) ?? null
}

function fetchBinary(binary: StoredBinary, fetching: Fetching): Promise<string> {
  const { source, crash, cache, transfer, signal } = fetching
  const { sha256, sizeBytes } = binary
  const wanted: Wanted = {
    name: `the program with the sha256 ${sha256}`,
    open: () => source.binary(crash, sha256, signal),
    ...{ sizeBytes, sha256, onBytes: transfer.add, signal },
  }
  transfer.want(sizeBytes)
  return cache.objects.file(sha256, wanted)
}

async function fetchSymbols(fetching: Fetching): Promise<CrashFiles['symbols']> {
  const named = fetching.report?.symbols?.map(({ buildId = '' }) => buildId) ?? []
  const buildIds = [...new Set(named)].filter(id => /^(?:[0-9a-f]{2}){2,64}$/.test(id)).slice(0, MOST_SYMBOLS)
  const found: { buildId: string; file: string }[] = []
  await fewAtOnce(buildIds, async buildId => {
    const file = await orWarned(fetching, `symbols of ${buildId}`, symbolsFile(buildId, fetching))
    if (file !== null) found.push({ buildId, file })
  })
  return found
}

/** Nobody says their digest, so they are kept for this crash alone. */
async function symbolsFile(buildId: string, fetching: Fetching): Promise<string | null> {
  const { source, crash, cache, transfer, signal } = fetching
  const open = async () => {
    const stored = await source.symbols(crash, buildId, signal)
    if (stored === null) throw new NoSymbols()
    return stored
  }
  const unknown = { sizeBytes: null, sha256: null, onBytes: transfer.add, signal }
  try {
    const name = `of-${crash.metadata.name}-${buildId}`
    return await cache.objects.file(name, { name: 'symbols', open, ...unknown })
  } catch (error) {
    if (error instanceof NoSymbols) return null
    throw error
  }
}

/** A core opens without them, and says less. */
async function orWarned<T>(
  { signal, warn }: Fetching,
  what: string,
  fetching: Promise<T>,
): Promise<T | null> {
  try {
    return await fetching
  } catch (error) {
    if (signal.aborted) throw error
    warn(`${what}: ${messageOf(error)}`)
    return null
  }
}

class NoSymbols extends CliError {
  constructor() {
    super(EXIT.notFound, 'There are no symbols', 'Upload them with `coredog-handler symbols upload`.')
  }
}

async function fewAtOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

function isDigest(text: string | null): text is string {
  return text !== null && /^[0-9a-f]{64}$/.test(text)
}
