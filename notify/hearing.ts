import type { ChannelConfig } from '../config/config.ts'
import { MOST_LABELS } from '../crash/report.ts'
import { isFirstTold } from './mention.ts'
import type { Notification } from './notification.ts'

type Filter = (channel: ChannelConfig, notification: Notification) => string | null

/** Why the channel is not told of this crash; `null`: it is. */
export function unheardBy(channel: ChannelConfig, notification: Notification): string | null {
  for (const filter of FILTERS) {
    const reason = filter(channel, notification)
    if (reason !== null) return reason
  }
  return null
}

/** Whether the channel is told of each crash. */
export function hearsAll({ keyword, namespaces, labels, severity }: ChannelConfig): boolean {
  return keyword === '' && namespaces === undefined && labels === undefined && severity === undefined
}

const FILTERS: readonly Filter[] = [byKeyword, byNamespace, byLabels, bySeverity]

function byKeyword({ keyword }: ChannelConfig, { corefilePath }: Notification): string | null {
  if (corefilePath.includes(keyword)) return null
  return `the path of the core does not contain the keyword "${keyword}"`
}

function byNamespace({ namespaces }: ChannelConfig, { report }: Notification): string | null {
  const namespace = report.pod?.namespace ?? ''
  if (namespaces === undefined || namespaces.some(pattern => isLike(namespace, pattern))) return null
  return `its namespace is none of ${namespaces.join(', ')}`
}

/** `*` stands for any letters. No RegExp: of one with eight of them and no match a name takes a minute. */
function isLike(name: string, pattern: string): boolean {
  const [first = '', ...between] = pattern.split('*')
  const last = between.pop()
  if (last === undefined) return name === pattern
  const end = name.length - last.length
  let at = first.length
  for (const part of between) {
    const found = name.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return at <= end && name.startsWith(first) && name.endsWith(last)
}

function byLabels({ labels }: ChannelConfig, { report }: Notification): string | null {
  const has = report.pod?.labels ?? {}
  const missing = Object.entries(labels ?? {}).find(([key, value]) =>
    Object.hasOwn(has, key) ? has[key] !== value : !mayHaveMore(has),
  )
  return missing === undefined ? null : `its pod has no label ${missing.join('=')}`
}

/** A pod that has so many may have any other one: nobody hides from a channel behind them. */
function mayHaveMore(labels: Readonly<Record<string, string>>): boolean {
  return Object.keys(labels).length >= MOST_LABELS
}

function bySeverity({ severity }: ChannelConfig, notification: Notification): string | null {
  const { outcome } = notification
  if (severity === undefined || outcome === 'lost') return null
  if (severity === 'lost') return outcome === 'incomplete' ? null : 'its core was kept, and severity is lost'
  return outcome !== 'suppressed' && isFirstTold(notification) ? null : 'it is known, and severity is new'
}
