import type { Config } from '../../config/config.ts'
import { readConfig } from '../../config/read-config.ts'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { Network } from '../../network/network.ts'
import { openStore } from '../../storage/open-store.ts'
import { tryStore } from '../../storage/store-trial.ts'
import { belowRoot } from '../from-file/below-root.ts'
import { readHandoff } from '../handoff/handoff.ts'
import { handoffAccess } from '../handoff/handoff-access.ts'
import { thisNode } from '../identity/this-node.ts'
import { gzipEngine } from '../native/addon.ts'
import { symbolSources } from '../symbols/open-symbols.ts'
import type { Check } from './check.ts'
import { checkBucket } from './check-bucket.ts'
import { checkChannels, checkHearing } from './check-channels.ts'
import { checkReceivers } from './check-receivers.ts'

/** Tries all that a crash would need. With `send`, people get a message. `root`: where the node's root is. */
export async function selfTest(configFile: string, send: boolean, root = '/'): Promise<readonly Check[]> {
  try {
    const { config: asOnTheNode, warnings } = await readConfig(configFile)
    const config = belowRoot(asOnTheNode, root)
    return [
      { name: 'configuration', detail: configFile },
      ...warnings.map(({ message }) => ({ name: 'configuration', warning: true as const, detail: message })),
      ...(await checkStore(config)),
      ...compressionOf(config),
      ...(await checkSymbols(config)),
      ...checkHearing(config),
      ...(await checkChannels(config, send)),
      ...(await checkReceivers(config, send)),
    ]
  } catch (error) {
    return [{ name: 'configuration', ...problemOf(error) }]
  }
}

/** Of others there is only one. */
function compressionOf({ compression }: Config): readonly Check[] {
  return compression === 'gzip' ? [{ name: 'compression', detail: gzipEngine() }] : []
}

// A person or program waits for it, the installer's status for half a minute.
const LONGEST_SECONDS = 10

/** Its bucket is asked only once it works: a store that is silent at each step would take too long. */
async function checkStore(config: Config): Promise<readonly Check[]> {
  const { storage, paths, network } = config
  const patienceSeconds = Math.min(storage.patienceSeconds ?? LONGEST_SECONDS, LONGEST_SECONDS)
  const access = handoffAccess(readHandoff(paths.run), new Network(network))
  const store = openStore({ ...storage, patienceSeconds }, access)
  try {
    const detail = `wrote and removed ${await tryStore(store, thisNode().name)}`
    return [{ name: 'storage', detail }, ...(await checkBucket(store, config, LONGEST_SECONDS * 1000))]
  } catch (error) {
    return [{ name: 'storage', ...problemOf(error) }]
  }
}

/** No build has that id. */
const NO_BUILD = '0'.repeat(40)

/** Without names a message is still one. */
async function checkSymbols(config: Config): Promise<readonly Check[]> {
  const access = handoffAccess(readHandoff(config.paths.run), new Network(config.network))
  const sources = symbolSources(config, { store: openStore(config.storage, access), access })
  return await Promise.all(
    sources.map(async source => {
      const name = 'symbols'
      try {
        await source.find(NO_BUILD, AbortSignal.timeout(LONGEST_SECONDS * 1000))
        return { name, detail: `${source.name} can be asked` }
      } catch (error) {
        const { problem, ...hint } = problemOf(error)
        return { name, warning: true as const, detail: `${source.name}: ${problem}`, ...hint }
      } finally {
        await source.end()
      }
    }),
  )
}

function problemOf(error: unknown): { problem: string; hint?: string } {
  return { problem: messageOf(error), ...(error instanceof OperatorError ? { hint: error.hint } : {}) }
}
