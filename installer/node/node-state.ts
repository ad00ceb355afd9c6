import path from 'node:path'
import { HANDLER_NAME, handlerOf } from '../../crash/our-pattern.ts'
import { type ContainerNode, readContainerNode } from './container-node.ts'
import type { InspectHandler, InstalledHandler } from './handler-binary.ts'
import { INSTALL_DIRECTORIES } from './handler-place.ts'
import type { Node } from './node.ts'
import { type Original, readOriginal } from './original.ts'
import { staticHelper } from './static-helper.ts'
import { readSysctls } from './sysctl.ts'

/** What is on the node now. */
export interface NodeState {
  readonly corePattern: string
  readonly corePipeLimit: number
  readonly original: Original
  /** Every handler of ours on the node, wherever it is. */
  readonly handlers: readonly InstalledHandler[]
  /** See {@link staticHelper}. */
  readonly staticHelper: string | null
  /** `null`: the node is a machine, with a kernel of its own. */
  readonly container: ContainerNode | null
}

/** `directories`: where else than in the usual ones a handler may be. */
export async function readNodeState(
  node: Node,
  inspect: InspectHandler,
  directories: readonly string[],
): Promise<NodeState> {
  const sysctls = await readSysctls(node.sysctlFolder)
  return {
    ...sysctls,
    original: await readOriginal(node),
    handlers: await findHandlers(sysctls.corePattern, inspect, directories),
    staticHelper: await kernelsHelper(),
    container: await readContainerNode(node.host),
  }
}

async function findHandlers(
  corePattern: string,
  inspect: InspectHandler,
  directories: readonly string[],
): Promise<readonly InstalledHandler[]> {
  const usual = [...directories, ...INSTALL_DIRECTORIES].map(folder => path.posix.join(folder, HANDLER_NAME))
  const inUse = handlerOf(corePattern)
  const places = new Set(inUse === null ? usual : [inUse, ...usual])
  const found = await Promise.all([...places].map(inspect))
  return found.filter(handler => handler !== null)
}

let helper: Promise<string | null> | undefined

/** Does not change as long as this kernel runs. */
function kernelsHelper(): Promise<string | null> {
  helper ??= staticHelper()
  return helper
}
