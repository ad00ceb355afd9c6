import { HANDLER_NAME } from '../../crash/our-pattern.ts'
import { placeAddon } from './addon-place.ts'
import { showHandler } from './container-node.ts'
import { placeHandler, removeHandler } from './handler-place.ts'
import type { Node } from './node.ts'
import { saveOriginal } from './original.ts'
import { removeFolders } from './our-folders.ts'
import type { Step } from './plan.ts'
import { writeCorePattern, writeCorePipeLimit } from './sysctl.ts'

/** Does one step on the node. `handlerFile`: the handler that we bring. */
export type Apply = (step: Step, node: Node, handlerFile: string) => Promise<void>

export async function apply(step: Step, node: Node, handlerFile: string): Promise<void> {
  const { log, sysctlFolder } = node
  switch (step.do) {
    case 'saveOriginal':
      await saveOriginal(node, step.sysctls)
      if (step.assumed) log.warn({ sysctls: step.sysctls }, 'original settings lost, defaults assumed')
      else log.info({ sysctls: step.sysctls }, 'original settings kept')
      return
    case 'placeHandler':
      log.info({ path: await placeHandler(node, handlerFile, step.directories) }, 'handler placed')
      return
    case 'placeAddon':
      return placeAddon(node, handlerFile, step.directory)
    case 'writePipeLimit':
      await writeCorePipeLimit(sysctlFolder, step.limit)
      return log.info({ limit: step.limit }, 'core_pipe_limit set')
    case 'writePattern':
      await writeCorePattern(sysctlFolder, step.pattern)
      return log.info({ pattern: step.pattern }, 'core_pattern set')
    case 'removeHandler':
      await removeHandler(node, step.directory)
      return log.debug({ directory: step.directory, name: HANDLER_NAME }, 'handler removed')
    case 'removeFolders':
      return removeFolders(node)
    case 'showHandler':
      await showHandler(node.host, step.path)
      return log.info({ path: step.path }, 'handler shown to the machine')
    case 'leaveAlone':
      return
  }
}
