import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { fieldsIn } from '../../crash/fields.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import { isOfAnotherVersion } from '../../handoff/format-version.ts'
import { encodeHandoff, type Refusal, RUN_FILES } from '../../handoff/run-folder.ts'
import type { Node } from '../node/node.ts'

/** Leaves word of a configuration that cannot be used, or takes it back: `null`. */
export async function writeRefusal(node: Node, refusal: Refusal | null): Promise<void> {
  if (refusal === null) await rm(fileOf(node), { force: true })
  else await writeAtomic(fileOf(node), encodeHandoff(refusal))
}

/** `null`: none that is known. */
export async function readRefusal(node: Node): Promise<Refusal | null> {
  // No installer has left one since the node started, or none that can be read.
  const found = fieldsIn(await readFile(fileOf(node), 'utf8').catch(() => '')) ?? {}
  const { reason, hint } = found
  return !isOfAnotherVersion(found) && typeof reason === 'string' && typeof hint === 'string'
    ? { reason, hint }
    : null
}

function fileOf({ host, places }: Node): string {
  return host.path(path.posix.join(places.runFolder, RUN_FILES.refusal))
}
