import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { answeredBytes, rangeFrom } from './answered-bytes.ts'
import type { StoredBytes } from './source.ts'

interface Asked {
  readonly firstByte: number
  readonly signal?: AbortSignal | undefined
}

/** A store that people cannot reach is found out soon: they wait for it. */
const ANSWER_SECONDS = 5
const SILENCE_SECONDS = 30

/** What a link opens. `null`: the store is not reached from here, or does not take the link. */
export async function linkBytes(
  link: string,
  { firstByte, signal }: Asked,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<StoredBytes | null> {
  const url = URL.parse(link)
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return null
  const isTls = url.protocol === 'https:'
  const agent = isTls ? new HttpsAgent({ proxyEnv: environment }) : new HttpAgent({ proxyEnv: environment })
  const options = { agent, headers: rangeFrom(firstByte) }
  const request = (isTls ? httpsRequest : httpRequest)(url, options)
  const answer = await answerTo(request, signal)
  signal?.throwIfAborted()
  const status = answer?.statusCode ?? 0
  if (answer !== null && (status === 200 || status === 206))
    return answeredBytes({ status, headers: answer.headers, body: answer }, 'the store')
  answer?.destroy()
  return null
}

async function answerTo(request: ClientRequest, signal?: AbortSignal): Promise<IncomingMessage | null> {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage | null>()
  const late = setTimeout(() => request.destroy(), ANSWER_SECONDS * 1000)
  const onAbort = () => request.destroy(signal?.reason as Error)
  signal?.addEventListener('abort', onAbort)
  request.on('response', resolve).on('error', () => resolve(null))
  request.on('close', () => {
    signal?.removeEventListener('abort', onAbort)
    resolve(null)
  })
  request.end()
  const answer = await promise
  clearTimeout(late)
  const silent = new Error(`the store was silent for ${SILENCE_SECONDS} s`)
  answer?.setTimeout(SILENCE_SECONDS * 1000, () => answer.destroy(silent))
  return answer
}
