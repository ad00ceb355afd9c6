import { isPassing } from '../passing-failure.ts'
import { symptomOf } from '../symptom.ts'

/** By which a rule of the bucket takes an object, and what was learned of it since the process began. */
export interface Tagging {
  /** As a header has it. */
  readonly header: string
  isRefused: boolean
}

/**
 * A crash without its tag is better than none: a store that knows no tags, or a role without `s3:PutObjectTagging`, is
 * asked again without, and from then on.
 */
export async function tagged<T>(
  tagging: Tagging | undefined,
  send: (tag: { readonly Tagging?: string }) => Promise<T>,
): Promise<T> {
  if (tagging === undefined || tagging.isRefused) return send({})
  try {
    return await send({ Tagging: tagging.header })
  } catch (cause) {
    if (!mayBeOfTag(cause)) throw cause
    const answer = await send({})
    tagging.isRefused = true
    return answer
  }
}

// Of the right that is missing S3 says 403; of the header some say 400, others 405 or 501.
const STATUSES = [400, 403, 405, 501]

function mayBeOfTag(cause: unknown): boolean {
  return STATUSES.includes(symptomOf(cause).status) && !isPassing(cause, true)
}
