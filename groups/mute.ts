import { fieldsIn } from '../crash/fields.ts'

/** Nobody is to be told of a group until then; its crashes are counted on, and a lost core is told of. */
export interface Mute {
  readonly until: Date
}

const VERSION = 1

export function encodeMute({ until }: Mute): string {
  return `${JSON.stringify({ version: VERSION, until })}\n`
}

/** `null`: it is none, or one of a version that we do not know: then people are told. */
export function parseMute(text: string): Mute | null {
  const { version, until } = fieldsIn(text) ?? {}
  const end = new Date(typeof until === 'string' ? until : Number.NaN)
  return version === VERSION && !Number.isNaN(end.getTime()) ? { until: end } : null
}
