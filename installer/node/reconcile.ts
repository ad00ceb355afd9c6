import { type Apply, apply } from './apply.ts'
import type { InspectHandler } from './handler-binary.ts'
import type { Node } from './node.ts'
import { type NodeState, readNodeState } from './node-state.ts'
import { plan, type Step, type Wanted } from './plan.ts'

/** What we bring to a node, and the means to bring it there. */
export interface Bringing {
  /** The handler, where we have it. */
  readonly handlerFile: string
  readonly inspect: InspectHandler
  /** Tests die in it. */
  readonly apply?: Apply
}

/** How a round ended. */
export interface Round {
  /** What was on the node at its end. */
  readonly state: NodeState
  /** Why nothing was done, if so. */
  readonly leftAlone: { readonly reason: string; readonly hint: string } | null
}

/** A handler is placed, seen, and then everything else can be done. */
const MOST_PASSES = 2

/** The journey of one node, once: makes it as `wanted`, or rejects with what is in the way. */
export async function reconcile(node: Node, wanted: Wanted, bringing: Bringing): Promise<Round> {
  for (let pass = 1; pass <= MOST_PASSES; pass += 1) {
    const state = await readNodeState(node, bringing.inspect, wanted.directories)
    const steps = plan(state, wanted)
    await perform(steps, node, bringing)
    if (!steps.some(step => step.do === 'placeHandler')) break
  }
  const state = await readNodeState(node, bringing.inspect, wanted.directories)
  const leftAlone = plan(state, wanted).find(step => step.do === 'leaveAlone') ?? null
  return { state, leftAlone }
}

/** In their order, and none after one that failed. */
export async function perform(
  steps: readonly Step[],
  node: Node,
  { apply: act = apply, handlerFile }: Pick<Bringing, 'apply' | 'handlerFile'>,
): Promise<void> {
  for (const step of steps) await act(step, node, handlerFile)
}
