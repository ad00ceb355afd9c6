import { handlerOf } from '../../crash/our-pattern.ts'
import type { Node } from '../node/node.ts'
import type { NodeState } from '../node/node-state.ts'
import type { Outcome } from '../node/run-on-host.ts'
import { type Check, parseSelfTest } from './self-test-report.ts'
import { SELF_TEST_SECONDS, versionOf } from './status.ts'

/** What the node's handler said when it was started. */
export interface NodeTrial {
  /** `null`: there is none that runs. */
  readonly version: string | null
  /** Configuration, store and channels, as it tried them. */
  readonly checks: readonly Check[]
}

/**
 * Starts the handler that the kernel would, or else the first that runs; it writes an object and removes it. Where cores
 * are files none is on the node: `selfTestHere` tries that of our own container, which reads them.
 */
export async function tryHandler(
  node: Node,
  state: NodeState | null,
  selfTestHere: (() => Promise<Outcome>) | null,
): Promise<NodeTrial> {
  const running = (state?.handlers ?? []).filter(({ problem }) => problem === undefined)
  const inUse = handlerOf(state?.corePattern ?? '')
  const handler = running.find(({ path }) => path === inUse) ?? running[0]
  if (handler === undefined)
    return { version: null, checks: selfTestHere === null ? [] : parseSelfTest(await selfTestHere()) }
  const said = await node.runOnHost([handler.path, 'self-test'], SELF_TEST_SECONDS)
  return { version: await versionOf(node, handler.path), checks: parseSelfTest(said) }
}
