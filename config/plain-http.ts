import { isIP } from 'node:net'

/**
 * Whether what is sent to `url` can be read on its way: `http:`, and neither within the machine nor within
 * the cluster. Pure.
 */
export function isReadOnItsWay(url: string): boolean {
  if (!/^http:/i.test(url) || !URL.canParse(url)) return false
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (isIP(host) !== 0) return !/^(?:127\.|::1$)/.test(host)
  return host.includes('.') && !/\.(?:svc|cluster\.local|localhost)$/.test(host)
}
