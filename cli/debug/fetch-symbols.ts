import { inParallel } from '../../time/in-parallel.ts'
import { CliError, EXIT } from '../exit.ts'
import type { CrashFiles } from './crash-folder.ts'
import { AT_ONCE, type Fetching, orWarned } from './fetching.ts'

const MOST_SYMBOLS = 16

/** Those that named its frames, as far as they are there. */
export async function fetchSymbols(fetching: Fetching): Promise<CrashFiles['symbols']> {
  const named = fetching.report?.symbols?.map(({ buildId = '' }) => buildId) ?? []
  const buildIds = [...new Set(named)].filter(id => /^(?:[0-9a-f]{2}){2,64}$/.test(id)).slice(0, MOST_SYMBOLS)
  const found = await inParallel(buildIds, AT_ONCE, async buildId => {
    const file = await orWarned(fetching, `symbols of ${buildId}`, symbolsFile(buildId, fetching))
    return file === null ? null : { buildId, file }
  })
  return found.filter(symbols => symbols !== null)
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

class NoSymbols extends CliError {
  constructor() {
    super(EXIT.notFound, 'There are no symbols', 'Upload them with `coredog-handler symbols upload`.')
  }
}
