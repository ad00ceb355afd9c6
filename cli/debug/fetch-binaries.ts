import type { Coredump } from '../../coredump/coredump.ts'
import { storedExecutable } from '../../crash/opened-files.ts'
import type { CrashReport } from '../../crash/report.ts'
import { inParallel } from '../../time/in-parallel.ts'
import { plain } from '../../untrusted/plain-text.ts'
import type { StoredBinary } from '../source/source.ts'
import type { CachedFile, CrashFiles } from './crash-folder.ts'
import type { Wanted } from './fetched.ts'
import { AT_ONCE, type Fetching, orWarned } from './fetching.ts'

/** The program and what it had loaded, as far as the store has them. */
export async function fetchBinaries(fetching: Fetching): Promise<Pick<CrashFiles, 'program' | 'modules'>> {
  const { source, crash, report, signal } = fetching
  const binaries = (await orWarned(fetching, 'programs', source.binaries(crash, signal))) ?? []
  const bySha256 = new Map(binaries.map(binary => [binary.sha256, binary]))
  const files = new Map<string, string>()
  await inParallel([...bySha256.values()], AT_ONCE, async binary => {
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
