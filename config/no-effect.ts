import type { ValueOf } from './declaration.ts'
import type { Findings } from './findings.ts'
import type { KEYS } from './keys.ts'

type Settings = ValueOf<typeof KEYS>

/**
 * Says of each key that was written, and does nothing beside what else is written: its operator waits for
 * what does not come. Of a part that is switched off (`fallback`, `CoreSight`) and of the keys of another
 * store nothing is said: they wait there until they are needed.
 */
export function warnOfNoEffect(settings: Settings, findings: Findings): void {
  for (const [key, isIdle, why] of [
    ...idleBesideAnother(settings),
    ...idleInSections(settings),
    ...idleRules(settings.retention),
  ])
    if (isIdle) findings.warn(key, `has no effect ${why}`)
}

type Idle = readonly [key: string, isIdle: boolean, why: string]

function idleBesideAnother(settings: Settings): readonly Idle[] {
  const { gc, gc_type, messageTemplate, messageLabels, notify, compression, compressionLevel } = settings
  const hasTemplate = messageTemplate.trim() !== ''
  const hasLabels = Object.keys(messageLabels).length > 0
  return [
    ['gc', gc && gc_type === 'rm', 'without `gc_type: truncate`: files are removed, not emptied'],
    ['gc_type', gc_type === 'truncate' && !gc, 'without `gc: true`: files are removed, not emptied'],
    ['messageLabels', hasLabels && !hasTemplate, 'without `messageTemplate`'],
    [
      'notify.links',
      notify.links.length > 0 && hasTemplate,
      'beside `messageTemplate`: it has links of its own',
    ],
    ...idleLogLines(settings, hasTemplate),
    ['compressionLevel', compressionLevel !== 1 && compression === 'none', 'with `compression: none`'],
  ]
}

function idleLogLines({ notify, collect }: Settings, hasTemplate: boolean): readonly Idle[] {
  const { detail, logLines } = notify
  const isAsked = logLines > 0
  return [
    ['notify.logLines', isAsked && hasTemplate, 'beside `messageTemplate`'],
    ['notify.logLines', isAsked && detail !== 'full', `with \`notify.detail: ${detail}\``],
    ['notify.logLines', isAsked && collect.logLines === 0, 'with `collect.logLines: 0`'],
  ]
}

function idleInSections({ StorageConfig, network, CoreSight }: Settings): readonly Idle[] {
  const { protocol, serverSideEncryption } = StorageConfig
  const isEncrypted = serverSideEncryption !== 'none'
  return [
    ['StorageConfig.serverSideEncryption', isEncrypted && protocol === 'cfs', 'with `protocol: cfs`'],
    ['network.noProxy', network.noProxy.length > 0 && network.proxy === '', 'without `network.proxy`'],
    ['CoreSight.natsUrl', isOther(CoreSight.natsUrl, CoreSight.apiUrl), 'beside `CoreSight.apiUrl`'],
  ]
}

function idleRules({ by, maxCount, maxBytes }: Settings['retention']): readonly Idle[] {
  const isRule = by === 'lifecycle'
  const why = 'with `retention.by: lifecycle`: a rule goes by age alone'
  return [
    ['retention.maxCount', isRule && maxCount > 0, why],
    ['retention.maxBytes', isRule && maxBytes > 0, why],
  ]
}

function isOther(older: string, apiUrl: string): boolean {
  return older !== '' && apiUrl !== '' && older !== apiUrl
}
