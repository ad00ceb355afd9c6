import { BlockList, isIP } from 'node:net'

/** The node itself, what the cloud's metadata answer, and names of the cluster: no proxy knows the way to them. */
const NEVER = ['localhost', '127.0.0.0/8', '::1', '169.254.0.0/16', '.svc', '.cluster.local']

/**
 * Whether `target` is asked without a proxy. `noProxy` as curl and Go read `NO_PROXY`: a name means itself and all names
 * below it, `.name` those below it, `*` everything; addresses, networks (`10.0.0.0/8`), and a port behind any of them. Pure.
 */
export function goesDirectly(target: URL, noProxy: readonly string[]): boolean {
  const host = target.hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
  if (!host.includes('.') && isIP(host) === 0) return true
  const port = target.port || (target.protocol === 'https:' ? '443' : '80')
  return [...NEVER, ...noProxy].some(entry => matches(entry.toLowerCase(), host, port))
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  const [name, wantedPort] = apart(entry)
  if (wantedPort !== undefined && wantedPort !== port) return false
  return isIP(host) === 0 ? isWithinDomain(host, name) : isWithinNetwork(host, name)
}

/** A name or address, and the port behind it. An address of IPv6 has one only with brackets around it. */
function apart(entry: string): readonly [string, string | undefined] {
  const [, bracketed, plain = entry, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? []
  return [bracketed ?? plain, port]
}

function isWithinDomain(host: string, name: string): boolean {
  const domain = name.replace(/^\*?\./, '')
  return host.endsWith(`.${domain}`) || (host === domain && name === domain)
}

function isWithinNetwork(host: string, name: string): boolean {
  const [address = '', bits] = name.split('/')
  const family = isIP(address)
  if (family === 0 || family !== isIP(host)) return false
  const most = family === 4 ? 32 : 128
  const length = bits === undefined ? most : Number(bits)
  if (!(Number.isInteger(length) && length >= 0 && length <= most)) return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  const network = new BlockList()
  network.addSubnet(address, length, type)
  return network.check(host, type)
}
