import type { IncomingMessage } from 'node:http'
import type { Logger } from 'pino'
import { type Reply, refusal } from '../serving/listener.ts'
import { type AdmissionReview, admit } from './admission/admission.ts'
import type { LabelledLevel, MutateSettings } from './admission/mutate.ts'
import { type Summary, summaryOf } from './admission/summary.ts'
import type { BodyReader } from './body.ts'
import type { Metrics } from './metrics.ts'

/** What one review meets on its way. */
export interface Outside {
  readonly bodies: BodyReader
  /** Those in force now. */
  readonly settings: () => MutateSettings
  /** Never rejects. */
  readonly levelOf: (namespace: string) => Promise<LabelledLevel | null>
  readonly metrics: Pick<Metrics, 'countAdmission'>
  /** Told of a pod that could not be read. Returns at once, and never throws. */
  readonly onUnread: (pod: string, reason: string) => void
  readonly log: Logger
}

/** Answers `POST /mutate`. Every AdmissionReview is allowed; a status above 200 is for what is none. */
export async function answerReview(request: IncomingMessage, outside: Outside): Promise<Reply> {
  const { bodies, log } = outside
  const reply = await bodies.with(request, async body => {
    if (!isJson(request.headers['content-type']))
      return refusal(415, 'Content-Type has to be application/json')
    if (body.length === 0) return refusal(400, 'the body is empty')
    const json = parsed(body)
    const summary = summaryOf(json)
    if (summary === null) return refusal(400, 'the body is no AdmissionReview')
    const review = await answerTo(json, summary, outside)
    return { status: 200, body: JSON.stringify(review), type: 'application/json' }
  })
  if (reply.status !== 200) log.warn({ status: reply.status, reason: reply.body.trim() }, 'request refused')
  return reply
}

async function answerTo(json: unknown, summary: Summary, outside: Outside): Promise<AdmissionReview> {
  const { settings, levelOf, metrics, onUnread, log } = outside
  const begunAt = performance.now()
  const { kind, namespace, name, uid, operation } = summary
  log.info(
    `AdmissionReview for Kind=${kind}, Namespace=${namespace} Name=${name} UID=${uid} Operation=${operation}`,
  )
  const now = settings()
  const level = now.hostPath ? await levelOf(namespace) : null
  const { review, outcome, mistake } = admit(json, { settings: now, levelOf: () => level, log })
  metrics.countAdmission(outcome, (performance.now() - begunAt) / 1000)
  if (mistake !== null) onUnread(`${namespace}/${name}`, mistake)
  return review
}

/** With parameters or without: `application/json; charset=utf-8`. */
function isJson(contentType = ''): boolean {
  return contentType.split(';')[0]?.trim().toLowerCase() === 'application/json'
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined // as good as anything else that is no review
  }
}
