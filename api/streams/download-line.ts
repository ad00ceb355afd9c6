import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import { clip, plain } from '../../untrusted/plain-text.ts'
import type { ResourceRequest } from '../resource-request.ts'
import type { Outcome, Transfer } from './transfer.ts'

const MOST_GROUPS = 20
const LONGEST_NAME = 256

export interface Downloaded {
  readonly what: string
  readonly outcome: Outcome
  readonly transfer: Pick<Transfer, 'bytes' | 'storeFailure'>
  /** Of the answer, had it been complete. */
  readonly wantedBytes: number
  readonly fromByte?: number
}

/** One line for each download, for whoever asks later who had this core. */
export function logDownload(log: Logger, asked: ResourceRequest, downloaded: Downloaded): void {
  const { what, outcome, transfer, wantedBytes, fromByte = 0 } = downloaded
  const { bytes, storeFailure } = transfer
  const line = {
    ...whoAndWhat(asked, what),
    ...{ outcome, bytes, wantedBytes },
    ...(fromByte > 0 && { fromByte }),
    ...(storeFailure !== null && { reason: clip(messageOf(storeFailure), LONGEST_NAME) }),
  }
  if (outcome === 'store broke off') log.warn(line, 'download')
  else log.info(line, 'download')
}

/** A link was given away: who follows it, the store knows. */
export function logLink(log: Logger, asked: ResourceRequest): void {
  log.info({ ...whoAndWhat(asked, 'url'), outcome: 'complete' }, 'download')
}

function whoAndWhat({ namespace, name, user }: ResourceRequest, what: string) {
  const groups = user.groups.slice(0, MOST_GROUPS).map(group => plain(group, LONGEST_NAME))
  return { user: plain(user.name, LONGEST_NAME), groups, namespace, name, what }
}
