import type { LinkTemplate, LinkValue } from '../config/config.ts'
import type { Notification } from './notification.ts'
import { variableOf } from './template.ts'
import { type Link, urlValue, webLink } from './web-link.ts'

const LONGEST_URL = 2048
const LONGEST_VALUE = 512

/**
 * The operator's links, about this crash. One of which a value was not seen is left out, for it would lead to
 * something else; so is one that is too long.
 */
export function linksOf(
  notification: Notification,
  templates: readonly LinkTemplate[] = [],
): readonly Link[] {
  return templates.flatMap(({ label, parts }) => {
    const texts = parts.map(part => (typeof part === 'string' ? part : encoded(part, notification)))
    const url = texts.includes(null) ? null : webLink(texts.join(''))
    return url === null || url.length > LONGEST_URL ? [] : [{ label, url }]
  })
}

/** `null`: it was not seen, or a URL would take it for a way up. */
function encoded(value: LinkValue, notification: Notification): string | null {
  const text = 'shiftSeconds' in value ? timeOf(value, notification) : variableOf(value.name, notification)
  if (!text || text.length > LONGEST_VALUE || /^\.\.?$/.test(text)) return null
  return urlValue(text)
}

type Time = Extract<LinkValue, { shiftSeconds: number }>

function timeOf({ name, shiftSeconds }: Time, { report }: Notification): string | null {
  const time = new Date(Date.parse(report.time ?? '') + shiftSeconds * 1000)
  if (Number.isNaN(time.getTime())) return null
  if (name === 'time') return time.toISOString()
  return String(name === 'time.s' ? Math.floor(time.getTime() / 1000) : time.getTime())
}
