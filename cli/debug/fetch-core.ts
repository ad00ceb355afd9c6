import type { Coredump } from '../../coredump/coredump.ts'
import type { Fetching } from './fetching.ts'
import { compressionOf } from './unpacked.ts'

/** Where the core lies then, as the kernel wrote it. */
export async function fetchCore(fetching: Fetching): Promise<string> {
  const { source, crash, report, cache, transfer, signal } = fetching
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

function isDigest(text: string | null): text is string {
  return text !== null && /^[0-9a-f]{64}$/.test(text)
}
