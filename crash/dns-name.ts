const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/

/** The longest name of an object. */
export const LONGEST_NAME = 253

/** Whether it may be the name of a namespace or a container: a DNS label, RFC 1123. */
export function isDnsLabel(name: string): boolean {
  return LABEL.test(name)
}

/** Whether it may be the name of an object: a DNS subdomain, RFC 1123. */
export function isDnsName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_NAME && SUBDOMAIN.test(value)
}
