import type { Logger } from 'pino'
import { reasonOf } from '../../crash/errors.ts'
import { NotFoundError, StoreError } from '../../storage/errors.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { notFound, unavailable } from '../status-error.ts'

/** What `work` has from the store, or the Status for a store that has nothing, or does not answer. */
export async function ofStore<T>(
  { resource, group, name, namespace }: ResourceRequest,
  log: Logger,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof NotFoundError) throw notFound(`${resource}.${group}`, name ?? '')
    if (!(cause instanceof StoreError)) throw cause
    log.warn({ namespace, name, ...reasonOf(cause) }, 'store cannot be read')
    // Where the store is, and what it said, is not for tenants.
    throw unavailable('the store of the cores cannot be read now; the log of coredog-api says why', cause)
  }
}
