import { dayOf } from '../../crash/daily-key.ts'
import { isDnsName } from '../../crash/dns-name.ts'
import { humanBytes } from '../../crash/human-bytes.ts'
import { fullnessOf, percentOf, type Use } from '../../crash/quota.ts'
import { common, type KubeEvent } from './events.ts'

interface Full {
  readonly namespace: string
  readonly use: Use
  readonly node: string
  readonly time: Date
}

/**
 * An Event on a namespace that has little room left by its quota, or none. It lies in the namespace itself, where its
 * people look. Its name is made of the day: a second one of the same day is none. `null`: there is no such namespace.
 */
export function quotaEvent({ namespace, use, node, time }: Full): KubeEvent | null {
  if (!isDnsName(namespace)) return null
  const day = dayOf(time)
  return {
    ...common(node, 'CoreDumpQuota', 'Warning', noteOf(use), time.toISOString()),
    metadata: { name: `${namespace}.coredog-quota-${day}`, namespace },
    action: 'Collect',
    regarding: { apiVersion: 'v1', kind: 'Namespace', namespace, name: namespace },
  }
}

function noteOf(use: Use): string {
  const of = `${humanBytes(use.usedBytes)} of ${humanBytes(use.limitBytes)}`
  const comes = fullnessOf(use) === 'full' ? 'Of crashes' : 'At 100 %, of crashes'
  return (
    `Stored crashes of this namespace take ${of}: its quota is ${percentOf(use)} % used. ` +
    `${comes} stacks and a report are kept in place of the core, until older ones are removed.`
  )
}
