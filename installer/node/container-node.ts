import { readFile, readlink } from 'node:fs/promises'
import path from 'node:path'
import { orIfMissing } from '../../crash/system-error.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import { decodeContainerNode } from '../../handoff/container-node.ts'
import { HOST_PATHS, type Host } from '../../handoff/host.ts'
import { encodeHandoff, RUN_FILES } from '../../handoff/run-folder.ts'

/** A node that shares its kernel with others, as those of kind, k3d, and minikube do. */
export interface ContainerNode {
  /** Where the handler of the machine is told that the node's own one is; `null`: nowhere yet. */
  readonly shownHandler: string | null
}

// PROC_PID_INIT_INO of linux/proc_ns.h: the same on every machine.
export const MACHINES_PIDS = 'pid:[4026531836]'

const SHOWN = path.posix.join(HOST_PATHS.runFolder, RUN_FILES.containerNode)

/** `null`: it is a machine. So is one of which only some folders are mounted: nobody says that it is none. */
export async function readContainerNode(host: Host): Promise<ContainerNode | null> {
  const pids = await readlink(host.path('/proc/1/ns/pid')).catch(() => MACHINES_PIDS)
  if (pids === MACHINES_PIDS) return null
  const text = await readFile(host.path(SHOWN), 'utf8').catch(orIfMissing(''))
  return { shownHandler: decodeContainerNode(text)?.handler ?? null }
}

/** Tells the handler of the machine that the node's own one is at `handler`. */
export async function showHandler(host: Host, handler: string): Promise<void> {
  await writeAtomic(host.path(SHOWN), encodeHandoff({ handler }))
}
