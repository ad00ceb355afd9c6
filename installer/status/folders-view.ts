import { present } from '../../crash/present.ts'
import type { NodeView } from '../../node-view/node-view.ts'
import type { Node } from '../node/node.ts'
import { lastCrashIn } from '../telemetry/last-crash.ts'
import { waitingIn } from './status.ts'

export type FoldersView = Pick<NodeView, 'lastCrash' | 'waiting'>

/** What log and folders of the node say. */
export async function foldersOf({ host, places }: Node): Promise<FoldersView> {
  const crash = await lastCrashIn(host.path(places.handlerLog))
  const { time, outcome, signal } = crash ?? {}
  return {
    lastCrash: outcome === undefined ? null : { outcome, ...present({ time, signal }) },
    waiting: await waitingIn(host.path(places.stateFolder)),
  }
}
