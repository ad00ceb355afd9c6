import type { Config } from '../../config/config.ts'
import { present } from '../../crash/present.ts'
import type { NodeView } from '../../node-view/node-view.ts'
import type { Node } from '../node/node.ts'
import { readDedupeScope } from '../supply/dedupe-scope.ts'
import { lastCrashIn } from '../telemetry/last-crash.ts'
import { waitingIn } from './status.ts'

export type FoldersView = Pick<NodeView, 'lastCrash' | 'waiting' | 'dedupe'>

/** What log and folders of the node say. */
export async function foldersOf(
  { host, places }: Node,
  config: Pick<Config, 'dedupe' | 'storage'>,
): Promise<FoldersView> {
  const crash = await lastCrashIn(host.path(places.handlerLog))
  const { time, outcome, signal } = crash ?? {}
  const compared = await readDedupeScope(host.path(places.runFolder), config)
  const why = compared.scope === 'node' ? compared.why : undefined
  return {
    dedupe: { scope: compared.scope, ...present({ why }) },
    lastCrash: outcome === undefined ? null : { outcome, ...present({ time, signal }) },
    waiting: await waitingIn(host.path(places.stateFolder)),
  }
}
