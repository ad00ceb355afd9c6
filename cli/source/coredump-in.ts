import { COREDUMP_API, type Coredump } from '../../coredump/coredump.ts'
import { parseCoredumpName } from '../../coredump/coredump-name.ts'

/** What a server says is a coredump; `null`: it is none. */
export function coredumpIn(value: unknown): Coredump | null {
  const { metadata, spec, status } = fieldsOf(value)
  const { name, namespace } = fieldsOf(metadata)
  const { id, pod } = fieldsOf(spec)
  if (typeof name !== 'string' || typeof namespace !== 'string') return null
  if (parseCoredumpName(name)?.id !== id || typeof fieldsOf(pod).name !== 'string') return null
  return {
    ...(value as Coredump),
    apiVersion: COREDUMP_API,
    kind: 'Coredump',
    status: { storedBytes: 0, ...fieldsOf(status) },
  }
}

export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
