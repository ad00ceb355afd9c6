import { OperatorError } from '../../crash/errors.ts'
import { CONTAINER_NODES } from '../../crash/our-pattern.ts'
import { readContainerNode } from './container-node.ts'
import type { Node } from './node.ts'

const COMMAND = `docker run --rm --privileged --user 0 --pid host IMAGE installer install ${CONTAINER_NODES}`

/** What a node that is a container cannot do itself, and what a person does about it. */
export function withoutMachine(corePattern: string): { readonly reason: string; readonly hint: string } {
  return {
    reason: `this node is a container, and the core_pattern "${corePattern}" is its machine's: of that the kernel starts handlers, and never of a node`,
    hint: `Run this once on the machine: \`${COMMAND}\`. IMAGE is the image of CoreDog; docs/kind.md has more.`,
  }
}

/** Throws an {@link OperatorError} where `node` is none: its root is none that the kernel starts a handler from. */
export async function assertIsMachine({ host }: Pick<Node, 'host'>): Promise<void> {
  if ((await readContainerNode(host)) === null) return
  throw new OperatorError(
    `Cannot install with ${CONTAINER_NODES}: this is a container itself, and not the machine that it is on`,
    `Run it on the machine: \`${COMMAND}\`.`,
  )
}
