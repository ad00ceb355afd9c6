import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from '../../config/config.ts'
import { fieldsIn } from '../../crash/fields.ts'
import { GROUPS } from '../../crash/group-key.ts'
import { isOfAnotherVersion } from '../../handoff/format-version.ts'
import { RUN_FILES } from '../../handoff/run-folder.ts'
import { openStore } from '../../storage/open-store.ts'

/** Where crashes are compared on a node, and why not in the cluster. */
export type DedupeScope =
  | { readonly scope: 'cluster' | 'off' }
  | {
      readonly scope: 'node'
      /** In our own words. */
      readonly why: string
      /** And in those of the store, which are not for everybody: they name buckets. */
      readonly reason: string
    }

/** As the handlers of the node have it. `runFolder` as we see it. */
export async function readDedupeScope(
  runFolder: string,
  { dedupe, storage }: Pick<Config, 'dedupe' | 'storage'>,
): Promise<DedupeScope> {
  if (dedupe.windowSeconds === 0) return { scope: 'off' }
  if (dedupe.scope === 'node') return alone('dedupe.scope')
  const text = await readFile(path.join(runFolder, RUN_FILES.conditionalWrites), 'utf8').catch(() => '')
  const found = fieldsIn(text) ?? {}
  const isKnown = !isOfAnotherVersion(found) && found.store === openStore(storage).location(GROUPS)
  if (!isKnown) return alone('it was not tried yet whether the store has conditional writes')
  if (found.works === true) return { scope: 'cluster' }
  const why = 'the store has no conditional writes'
  return alone(why, `${why}: ${String(found.reason)}`)
}

function alone(why: string, reason = why): DedupeScope {
  return { scope: 'node', why, reason }
}
