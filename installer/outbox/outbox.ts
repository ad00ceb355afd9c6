import path from 'node:path'
import { messageOf } from '../../crash/errors.ts'
import { OutboxFolder } from '../../handoff/outbox-folder.ts'
import { Network } from '../../network/network.ts'
import { withoutLinks } from '../../notify/download-way.ts'
import { openStore } from '../../storage/open-store.ts'
import { ChatLimiters } from './chat-rates.ts'
import { removeLeftScripts } from './custom-handler.ts'
import { type DestinationsOptions, destinationsIn } from './destinations.ts'
import { withFreshLink } from './link.ts'
import { Postman, type PostmanOptions } from './postman.ts'

export interface OutboxOptions extends Omit<DestinationsOptions, 'limiters'> {
  /** What the bots were told until now; absent: nothing. */
  readonly limiters?: ChatLimiters
  readonly metrics: PostmanOptions['metrics']
}

/**
 * Delivers what is in the outbox of the node, until `signal` aborts: what a chat did not take of the handler,
 * or a handler that was killed did not tell, the script of CustomHandler, and CoreSight.
 */
export async function deliverOutbox(options: OutboxOptions, signal: AbortSignal): Promise<void> {
  await removeLeftScripts(options).catch(cause =>
    options.log.warn({ reason: messageOf(cause) }, 'scripts not removed'),
  )
  await postmanOf(options, signal).work()
}

/** Tries all that is due in it once, and ends; at the latest soon after `signal` aborts. */
export async function drainOutbox(options: OutboxOptions, signal: AbortSignal): Promise<void> {
  await postmanOf(options, signal).drain()
}

function postmanOf(options: OutboxOptions, signal: AbortSignal): Postman {
  const { config, host, log, metrics } = options
  const { storage, paths, network } = config
  const store = openStore(storage, { network: new Network(network, host.root) })
  return new Postman(
    {
      outbox: new OutboxFolder(host.path(path.posix.join(paths.state, 'outbox'))),
      destinationOf: destinationsIn({ ...options, limiters: options.limiters ?? new ChatLimiters() }),
      refresh: async notification =>
        config.notice.downloadLink === 'none'
          ? withoutLinks(notification)
          : await withFreshLink(notification, storage, store, log),
      metrics,
      log,
      now: () => new Date(),
      random: Math.random,
    },
    signal,
  )
}
