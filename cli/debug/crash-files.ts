import { anySignal } from '../../time/any-signal.ts'
import type { CrashFiles } from './crash-folder.ts'
import { fetchBinaries } from './fetch-binaries.ts'
import { fetchCore } from './fetch-core.ts'
import { fetchSymbols } from './fetch-symbols.ts'
import type { Fetching } from './fetching.ts'

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
