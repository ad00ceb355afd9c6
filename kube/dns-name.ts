const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const DNS_SUBDOMAIN = new RegExp(`^${LABEL}(\\.${LABEL})*$`)

/** The longest name of an object. */
export const LONGEST_NAME = 253

/** Whether it may be the name of an object: a DNS subdomain, RFC 1123. */
export function isDnsName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_NAME && DNS_SUBDOMAIN.test(value)
}
