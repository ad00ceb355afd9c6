import { StoreError } from '../../storage/errors.ts'
import type { Capacity } from '../capacity.ts'
import type { ApiOutside } from '../outside.ts'
import type { ResourceRequest, ServeResource } from '../resource-request.ts'
import { methodNotAllowed, unavailable } from '../status-error.ts'
import { Answer } from './answer.ts'
import { Coredumps } from './coredumps.ts'
import { crashOf } from './get-coredump.ts'
import { pageOf } from './list-coredumps.ts'
import { RecentCrashes } from './recent-crashes.ts'
import type { Rhythm } from './rhythm.ts'
import { watchCoredumps } from './watch-coredumps.ts'

interface WatchPace {
  readonly rhythm?: Partial<Rhythm>
  readonly bookmarkMs?: number
}

/** Answers get, list and watch of coredumps. `pace`: of watches. */
export function coredumpServer(
  outside: ApiOutside,
  { lists, watches, beginnings, unsent }: Capacity,
  pace: WatchPace = {},
): ServeResource {
  const coredumps = new Coredumps(outside)
  const recent = new RecentCrashes({ ...outside, ...pace })
  const watching = { ...outside, ...pace, coredumps, recent, lists, beginnings }
  const serve: Partial<Record<ResourceRequest['verb'], ServeResource>> = {
    get: async asked => await unsent.send(asked.response, await got(asked, outside, coredumps)),
    list: async asked => {
      const list = await lists.through(asked, () => listed(asked, outside, coredumps))
      await unsent.send(asked.response, list)
    },
    watch: asked => watches.with(asked.user, () => watchCoredumps(asked, watching)),
  }
  return async asked => {
    const answer = serve[asked.verb]
    if (answer === undefined) throw methodNotAllowed(asked.verb, 'coredumps.coredog.io')
    await answer(asked).catch(rethrow)
  }
}

async function got(asked: ResourceRequest, outside: ApiOutside, coredumps: Coredumps): Promise<object> {
  const answer = new Answer({ ...asked, verb: 'get' })
  return answer.one(await coredumps.of(await crashOf(asked, outside), asked))
}

async function listed(asked: ResourceRequest, outside: ApiOutside, coredumps: Coredumps): Promise<object> {
  const answer = new Answer({ ...asked, verb: 'list' })
  const { entries, metadata } = await pageOf(asked, outside)
  const items = await Promise.all(entries.map(entry => coredumps.of(entry, asked)))
  return answer.list(items, metadata)
}

function rethrow(cause: unknown): never {
  if (cause instanceof StoreError) throw unavailable('the store does not answer', cause)
  throw cause
}
