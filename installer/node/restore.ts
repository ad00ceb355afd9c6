import { messageOf } from '../../crash/errors.ts'
import type { Apply } from './apply.ts'
import { inspectHandlers } from './handler-binary.ts'
import { removeCgroup, removeHandlerCgroup } from './handler-cgroup.ts'
import { INSTALL_DIRECTORIES } from './handler-place.ts'
import type { Node } from './node.ts'
import { readNodeState } from './node-state.ts'
import { removeKeys } from './our-folders.ts'
import { planRestore } from './plan.ts'
import { READER_CGROUP } from './reader-cgroup.ts'
import { perform } from './reconcile.ts'

const ATTEMPTS = 3

/**
 * Leaves the node as it was found. Handlers that run keep their file and finish. `directories`: where else
 * than in the usual ones the handler may be. What fails is tried again: another program may write
 * core_pattern just then. Rejects if it still fails, and even then no keys are left on the node.
 */
export async function restore(node: Node, directories: readonly string[], apply?: Apply): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await putBack(node, directories, apply)
    } catch (error) {
      node.log.error({ reason: messageOf(error), attempt }, 'node not restored')
      if (attempt < ATTEMPTS) continue
      await removeKeys(node)
      throw error
    }
  }
}

async function putBack(node: Node, directories: readonly string[], apply?: Apply): Promise<void> {
  // No need to know whether they run: they go.
  const quiet: Node = { ...node, runOnHost: async () => ({ exitCode: 0, stdout: '', stderr: '' }) }
  const state = await readNodeState(node, inspectHandlers(quiet), directories)
  const steps = planRestore(state, [...new Set([...directories, ...INSTALL_DIRECTORIES])])
  await perform(steps, node, { handlerFile: '', ...(apply !== undefined && { apply }) })
  await removeCgroups(node)
  node.log.info({ corePattern: steps.find(step => step.do === 'writePattern')?.pattern }, 'node restored')
}

/** An empty cgroup does no harm, and is gone with the next start of the node. */
async function removeCgroups({ host, places, log }: Node): Promise<void> {
  try {
    await removeHandlerCgroup(host, { runFolder: places.runFolder })
    await removeCgroup(host, READER_CGROUP)
  } catch (error) {
    log.warn({ reason: messageOf(error) }, 'cgroup not removed')
  }
}
