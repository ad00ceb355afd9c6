import path from 'node:path'
import { reasonOf } from '../../crash/errors.ts'
import { OutboxFolder } from '../../handoff/outbox-folder.ts'
import { drainOutbox, type OutboxOptions } from '../outbox/outbox.ts'
import { openHostStore } from '../supply/host-store.ts'
import { settleAlone } from './settle-alone.ts'

interface LastOptions extends OutboxOptions {
  readonly nodeName: string
}

/** Of the 60 that our pod has to end in; before it what is under way ends, after it the node is put back. */
const LAST_SECONDS = 20

/**
 * Tells all that waits on the node, once, before CoreDog leaves it. Never rejects, and ends soon after
 * `LAST_SECONDS`; what nobody took by then stays, and who removes our folders says so.
 */
export async function tellLast(options: LastOptions): Promise<void> {
  const { config, host, nodeName, log } = options
  const deadline = AbortSignal.timeout(LAST_SECONDS * 1000)
  try {
    const outbox = new OutboxFolder(host.path(path.posix.join(config.paths.state, 'outbox')))
    const settling = { store: openHostStore(host, config), node: nodeName, now: () => new Date(), log }
    await settleAlone(outbox, settling, deadline)
    await drainOutbox(options, deadline)
  } catch (cause) {
    log.warn(reasonOf(cause), 'what waits on the node is not told')
  }
}
