import { rm } from 'node:fs/promises'
import path from 'node:path'
import { writeAtomic } from '../../durable/atomic-file.ts'
import { encodeHandoff, type Heartbeat, RUN_FILES } from '../../handoff/run-folder.ts'
import type { Node } from './node.ts'

/** Says to the handler that we are here, and for how long it should go on without us. */
export async function writeHeartbeat(node: Node, heartbeat: Heartbeat): Promise<void> {
  await writeAtomic(fileOf(node), encodeHandoff(heartbeat))
}

/** Without a heartbeat the handler never leaves by itself: no installer is expected to be there. */
export async function removeHeartbeat(node: Node): Promise<void> {
  await rm(fileOf(node), { force: true })
}

function fileOf({ host, places }: Node): string {
  return host.path(path.posix.join(places.runFolder, RUN_FILES.heartbeat))
}
