import type { LookupFunction } from 'node:net'
import type { NoticeConfig } from '../config/config.ts'
import type { ReceiverConfig } from '../config/receivers/all.ts'
import type { CertificateFiles } from '../config/receivers/receiver.ts'
import { readSmallFile } from '../config/small-file.ts'
import { OperatorError } from '../crash/errors.ts'
import type { ClientCertificate, Network } from '../network/network.ts'
import { withDetail } from './detail.ts'
import { type DownloadWay, inWay } from './download-way.ts'
import type { Notification } from './notification.ts'
import { Poster, type PosterLimits, type PosterRequest } from './poster.ts'
import { RECEIVERS } from './receivers/all.ts'
import { verdictOfReceiver, verdictWithoutAnswer } from './receivers/answers.ts'
import { loginIn } from './receivers/login.ts'
import type { Receiver, Telling } from './receivers/receiver.ts'
import { withoutSecrets } from './receivers/secrets.ts'
import { OK, UNTOLD, type Verdict } from './verdict.ts'

const LIMITS = { connectMilliseconds: 5_000, requestMilliseconds: 10_000 }

interface Reaching {
  readonly network: Network
  /** Takes the place of our own DNS. */
  readonly lookup?: LookupFunction
  /** Tests hand in others. */
  readonly limits?: PosterLimits
}

/** What a receiver is told of `notification`, which has fresh links. */
export function tellingOf(
  notification: Notification,
  {
    firstAt,
    way,
    detail,
    isKnown = false,
  }: { readonly way: DownloadWay } & Pick<Telling, 'firstAt' | 'isKnown'> & Pick<NoticeConfig, 'detail'>,
  now: Date,
): Telling {
  const forPeople = inWay(withDetail(notification, detail), way)
  return { forPrograms: notification, forPeople, firstAt, isKnown, now }
}

/** One attempt. Never rejects, and what it says has no secret in it. */
export async function tellReceiver(
  config: ReceiverConfig,
  telling: Telling,
  reaching: Reaching,
  signal: AbortSignal,
): Promise<Verdict> {
  // Each line of the table is of its own kind.
  const receiver = RECEIVERS[config.kind] as Receiver
  return await attempt(() => receiver.request(telling, config), config, reaching, signal)
}

/** The same of what is about no crash alone. */
export async function postToReceiver(
  config: ReceiverConfig,
  request: PosterRequest,
  reaching: Reaching,
  signal: AbortSignal,
): Promise<Verdict> {
  return await attempt(() => request, config, reaching, signal)
}

async function attempt(
  make: () => PosterRequest | null,
  config: ReceiverConfig,
  reaching: Reaching,
  signal: AbortSignal,
): Promise<Verdict> {
  try {
    const request = make()
    return request === null ? UNTOLD : shown(await post(request, config, reaching, signal), config)
  } catch (thrown) {
    return shown(thrown instanceof OperatorError ? later(thrown) : verdictWithoutAnswer(thrown), config)
  }
}

async function post(
  request: PosterRequest,
  config: ReceiverConfig,
  reaching: Reaching,
  signal: AbortSignal,
): Promise<Verdict> {
  const certificate = config.certificate && (await read(config.certificate))
  const { limits = LIMITS, ...ways } = reaching
  const poster = new Poster(limits, { ...ways, certificate })
  try {
    const answer = await poster.post(withUser(request), signal)
    // Before a part of it is quoted: of half a secret nobody can tell that it is one.
    const readable = { ...answer, body: withoutSecrets(answer.body, config) }
    return ((RECEIVERS[config.kind] as Receiver).verdict ?? verdictOfReceiver)(readable)
  } finally {
    await poster.close()
  }
}

/** A user and password in the address become a header, as other clients do. */
function withUser({ url, headers = {}, body }: PosterRequest): PosterRequest {
  const login = loginIn(new URL(url))
  if (login === null) return { url, headers, body }
  return { url, body, headers: { authorization: `Basic ${login.basic}`, ...headers } }
}

async function read({ certFile, keyFile }: CertificateFiles): Promise<ClientCertificate> {
  const [cert, key] = await Promise.all([certFile, keyFile].map(readSmallFile))
  if (cert && key) return { cert, key }
  throw new OperatorError(
    `Cannot read "${cert ? keyFile : certFile}": there is no such file, or nothing in it`,
    'Mount its Secret into the pods of the installer: docs/destinations.md shows how.',
  )
}

/** A file that is not there may come. */
function later({ message: reason, hint }: OperatorError): Verdict {
  return { kind: 'retry', reason, hint, afterSeconds: 0 }
}

function shown(verdict: Verdict, config: ReceiverConfig): Verdict {
  return verdict.kind === 'ok' ? OK : { ...verdict, reason: withoutSecrets(verdict.reason, config) }
}
