import { parseCrashFolder } from '../crash/object-key.ts'
import type { CrashReport } from '../crash/report.ts'
import type { Notification } from './notification.ts'

/**
 * `kubectl coredog debug <id> -n <namespace>`; of a crash that was only counted it leads to the core that was kept.
 * `null`: there is no core, or it is of no namespace, so that nobody but who reads the store itself gets it.
 */
export function kubectlCommand({ byCommand, report }: Notification): string | null {
  const stored = byCommand === true ? storedIn(report) : null
  return stored === null ? null : `kubectl coredog debug ${stored.id} -n ${stored.namespace}`
}

/** By the key of its core: a report may say another namespace, and the line is for a shell. */
function storedIn({ core }: CrashReport): { readonly id: string; readonly namespace: string } | null {
  const key = core?.key ?? core?.kept?.key
  const folder = key?.split('/').slice(-SEGMENTS, -1).join('/') ?? ''
  const { owner, id } = parseCrashFolder(folder) ?? {}
  if (owner?.kind !== 'pod' || id === undefined || !NAMESPACE.test(owner.namespace)) return null
  return { id, namespace: owner.namespace }
}

/** Namespace, pod, container, folder of the crash, core. */
const SEGMENTS = 5

/** A DNS label, RFC 1123. */
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
