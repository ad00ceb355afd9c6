import type { ReadMemory } from '../crash/process-memory.ts'
import { Deadline } from '../time/deadline.ts'
import { backBefore } from '../time/left-behind.ts'
import type { Capture } from './capture.ts'
import { findAbort, findModulePage } from './core/crash-memory.ts'
import { countedOwner } from './deduplicate/groups.ts'
import { siteOf } from './describe.ts'
import type { Explainer } from './why/explainer.ts'
import type { Remains } from './why/remains.ts'
import { Why } from './why/why.ts'

type Looked = Pick<Capture, 'observed' | 'identity' | 'args' | 'pipe' | 'core' | 'file' | 'log'>

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
  // One for all: of memory that hangs each read would have a limit of its own, and the process is held.
  using deadline = new Deadline(remains?.patienceSeconds ?? 0)
  const memory = remains === null ? nothing : inTime(remains.memory, deadline)
  const page = await findModulePage(crash.core, memory)
  const call = await findAbort(crash, page, memory)
  const why = await whyOf({ ...crash, call }, remains, explain, deadline)
  const site = siteOf(crash, page, why)
  // Begun before all this, and by now most likely over.
  await crash.log?.opened
  crash.log?.read()
  crash.pipe.looked()
  return { ...crash, site, call, why }
}

async function whyOf(
  crash: Looked & Pick<Capture, 'call'>,
  remains: Remains | null,
  explain: () => Explainer,
  deadline: Deadline,
): Promise<Why> {
  const { args, observed, call } = crash
  const { head, foreign } = crash.core
  if (head === null) return Why.unknown(`it is no core: ${foreign}`)
  if (remains === null) return Why.unknown('it is not certain which process it was')
  return await Why.of(
    { args, observed, call, head, owner: countedOwner(crash) },
    remains,
    explain(),
    deadline,
  )
}

const nothing = async (): Promise<null> => null

function inTime(read: ReadMemory, { passed }: Deadline): ReadMemory {
  return (address, lengthBytes) => backBefore(read(address, lengthBytes), passed)
}
