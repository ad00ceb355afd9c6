import type { Owner } from './object-key.ts'

/** The name that the original CoreDog's users filter by: `core.%e.%p.%h.%t`, in a folder of its container. */
export function corefilePathOf(
  owner: Owner,
  { comm, pid, time }: { readonly comm: string; readonly pid: number | undefined; readonly time: Date },
  suffix = '',
): string {
  const hostname = owner.kind === 'pod' ? owner.pod : owner.node
  const seconds = Math.floor(time.getTime() / 1000)
  const file = `core.${comm}.${pid}.${hostname}.${seconds}${suffix}`.replaceAll('/', '!')
  const folders = owner.kind === 'pod' ? [owner.namespace, owner.pod, owner.container || 'unknown'] : []
  return ['/corefile', ...folders, file].join('/')
}
