import type { ServedResource } from '../resource.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { serveBinaries } from './binaries.ts'
import { serveGroup } from './group.ts'
import { serveUrl } from './link.ts'
import { serveProxy } from './proxy.ts'
import type { Streaming } from './streaming.ts'
import { serveBacktrace, serveLog, serveReport } from './texts.ts'

/** What is read of one crash. */
export function streamResources(streaming: Streaming): readonly ServedResource[] {
  return Object.entries(SUBRESOURCES).map(([name, { description, serve, isSum }]) => ({
    name: `coredumps/${name}`,
    kind: 'Coredump',
    verbs: ['get'],
    takesRest: name === 'proxy',
    description,
    serve: asked => {
      const work = () => serve(asked, streaming)
      // What waits for the store counts, too: a report that is read is memory.
      return isSum === true ? streaming.groups.through(asked, work) : streaming.slots.with(asked.user, work)
    },
  }))
}

interface Subresource {
  readonly description: string
  /** Of many objects, and small: it takes turns of its own, and no place of a download. */
  readonly isSum?: true
  readonly serve: (asked: ResourceRequest, streaming: Streaming) => Promise<void>
}

const SUBRESOURCES: Readonly<Record<string, Subresource>> = {
  proxy: {
    description: 'The core as it is stored; below it the programs that crashed and their symbols.',
    serve: serveProxy,
  },
  log: { description: 'The last lines of the log of the container.', serve: serveLog },
  report: { description: 'The report of the crash.', serve: serveReport },
  backtrace: { description: 'Why it crashed, and all stacks, as text.', serve: serveBacktrace },
  group: {
    description: 'How often crashes like it came to the whole cluster, where the nodes count together.',
    isSum: true,
    serve: serveGroup,
  },
  url: { description: 'A link to the core that needs no credentials, for a while.', serve: serveUrl },
  binaries: { description: 'The programs that the crash names and the store has.', serve: serveBinaries },
}
