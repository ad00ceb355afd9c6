import type { Capture } from './capture.ts'
import { findAbort, findModulePage } from './core/crash-memory.ts'
import { countedOwner } from './deduplicate/groups.ts'
import { siteOf } from './describe.ts'
import type { Explainer } from './why/explainer.ts'
import type { Remains } from './why/remains.ts'
import { Why } from './why/why.ts'

type Looked = Pick<Capture, 'observed' | 'identity' | 'args' | 'pipe' | 'core' | 'file'>

/**
 * What the memory of a process says of its crash, wherever that is left: what decides what becomes of the crash.
 * `remains`: `null` of a process that is not known for sure, of which nothing is read. The end of the core lets the
 * process go from then on.
 */
export async function look<Crash extends Looked>(
  crash: Crash,
  remains: Remains | null,
  explain: () => Explainer,
): Promise<Crash & Pick<Capture, 'site' | 'call' | 'why'>> {
  const memory = remains?.memory ?? nothing
  const page = await findModulePage(crash.core, memory)
  const call = await findAbort(crash, page, memory)
  const why = await whyOf({ ...crash, call }, remains, explain)
  const site = siteOf(crash, page, why)
  crash.pipe.looked()
  return { ...crash, site, call, why }
}

async function whyOf(
  crash: Looked & Pick<Capture, 'call'>,
  remains: Remains | null,
  explain: () => Explainer,
): Promise<Why> {
  const { args, observed, call } = crash
  const { head, foreign } = crash.core
  if (head === null) return Why.unknown(`it is no core: ${foreign}`)
  if (remains === null) return Why.unknown('it is not certain which process it was')
  return await Why.of({ args, observed, call, head, owner: countedOwner(crash) }, remains, explain())
}

const nothing = async (): Promise<null> => null
