import { fieldsIn, fieldsOf } from '../../crash/fields.ts'

/** What the crashes of each namespace take, as far back as `until`; what came later is summed anew each time. */
export interface Usage {
  /** When all of the index was summed. */
  readonly summedAt: Date
  /** The beginning of an hour. */
  readonly until: Date
  readonly bytes: ReadonlyMap<string, number>
  /** On which day people of a namespace were told last that it has little room, as `2026-11-28`. */
  readonly toldOn: ReadonlyMap<string, string>
}

const VERSION = 1

export function encodeUsage({ summedAt, until, bytes, toldOn }: Usage): string {
  const maps = { bytes: Object.fromEntries(bytes), toldOn: Object.fromEntries(toldOn) }
  return `${JSON.stringify({ version: VERSION, summedAt, until, ...maps })}\n`
}

/** `null`: it is none, or one of a version that we do not know: then all is summed. */
export function parseUsage(text: string): Usage | null {
  const { version, summedAt, until, bytes, toldOn } = fieldsIn(text) ?? {}
  const [summed, end] = [timeIn(summedAt), timeIn(until)]
  if (version !== VERSION || summed === null || end === null) return null
  const sums = Object.entries(fieldsOf(bytes)).filter(
    (sum): sum is [string, number] => Number.isSafeInteger(sum[1]) && (sum[1] as number) >= 0,
  )
  const days = Object.entries(fieldsOf(toldOn)).filter(
    (told): told is [string, string] => typeof told[1] === 'string',
  )
  return { summedAt: summed, until: end, bytes: new Map(sums), toldOn: new Map(days) }
}

function timeIn(value: unknown): Date | null {
  const time = new Date(typeof value === 'string' ? value : Number.NaN)
  return Number.isNaN(time.getTime()) ? null : time
}
