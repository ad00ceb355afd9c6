import type { Logger } from 'pino'
import type { StorageConfig } from '../../config/config.ts'
import { reasonOf } from '../../crash/errors.ts'
import { keyBelow, linksTo } from '../../notify/crash-links.ts'
import type { Notification } from '../../notify/notification.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { StoreTraits } from '../../storage/store-traits.ts'
import { withinSeconds } from '../../time/within-seconds.ts'

const LINK_SECONDS = 10

type Linking = Pick<ObjectStore, 'link' | 'location'> &
  Partial<Pick<ObjectStore, 'object'>> & { readonly traits: Pick<StoreTraits, 'links'> }

/**
 * `notification` with a link that is good for as long as the configuration says: that of its entry may have
 * ended. Of a crash whose core was not kept it is that of the one that was, in its place. Where none can be
 * made, or the core is in another store than the configuration's, its link stays.
 */
export async function withFreshLink(
  notification: Notification,
  storage: Pick<StorageConfig, 'storeDir'>,
  store: Linking,
  log: Logger,
): Promise<Notification> {
  if (!store.traits.links) return notification
  const { core } = notification.report
  const shown = core?.kept ?? core
  const key = keyBelow(storage.storeDir, shown?.key)
  if (key === null || store.location(key) !== shown?.url) return notification
  try {
    await withinSeconds(LINK_SECONDS, learnClock(key, store))
    const made = async (of: string, savedAs?: string) =>
      await withinSeconds(LINK_SECONDS, store.link(of, savedAs))
    if (core?.kept !== undefined) return { ...notification, link: (await made(key)) ?? notification.link }
    const links = await linksTo(notification.report, { coreKey: key, storeDir: storage.storeDir }, made)
    return {
      ...notification,
      ...Object.fromEntries(Object.entries(links).filter(([, link]) => link !== null)),
    }
  } catch (cause) {
    log.warn({ key, ...reasonOf(cause) }, 'link not made')
    return notification
  }
}

/**
 * A link is signed with the time at the store, which its answers tell, and this store was perhaps never
 * asked.
 */
async function learnClock(key: string, store: Partial<Pick<ObjectStore, 'object'>>): Promise<void> {
  // Whatever it answers has the time; without an answer, ours has to do.
  await store
    .object?.(key, 0)
    .look()
    .catch(() => undefined)
}
