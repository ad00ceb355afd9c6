import { BlockList, isIP } from 'node:net'

/**
 * The node itself, what the cloud's metadata answer, and names of the cluster: no proxy knows the way to
 * them.
 */
const NEVER = ['localhost', '127.0.0.0/8', '::1', '169.254.0.0/16', 'fd00:ec2::/32', '.svc', '.cluster.local']

/**
 * Whether `target` is asked without a proxy. `noProxy` as curl and Go read `NO_PROXY`: a name means itself
 * and all names below it, `.name` those below it, `*` everything; addresses, networks (`10.0.0.0/8`), and a
 * port behind any of them. Pure.
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
  const [name, wantedPort] = apart(entry.replace(BRACKETED_NETWORK, '$1$2'))
  if (wantedPort !== undefined && wantedPort !== port) return false
  return isIP(host) === 0 ? isWithinDomain(host, name) : isWithinNetwork(host, name)
}

const BRACKETED_NETWORK = /^\[([^\]]*)\](\/\d+)$/

/** A name or address, and the port behind it. An address of IPv6 has one only with brackets around it. */
function apart(entry: string): readonly [string, string | undefined] {
  const [, bracketed, plain = entry, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? []
  return [bracketed ?? plain, port]
}

function isWithinDomain(host: string, name: string): boolean {
  const domain = name.replace(/^\*?\./, '').replace(/\.$/, '')
  return host.endsWith(`.${domain}`) || (host === domain && !/^\*?\./.test(name))
}

function isWithinNetwork(host: string, name: string): boolean {
  const [address = '', bits] = name.split('/')
  const [family, hostFamily] = [isIP(address), isIP(host)]
  // An address of IPv4 may be written as one of IPv6 (::ffff:10.1.2.3), and BlockList knows it.
  if (family === 0 || (family === 6 && hostFamily === 4)) return false
  const most = family === 4 ? 32 : 128
  const length = prefixBits(bits, most)
  if (length === null) return false
  const network = new BlockList()
  network.addSubnet(address, length, typeOf(family))
  return network.check(host, typeOf(hostFamily))
}

/** `null`: what stands behind the slash is no length, and above all not 0, which is every address. */
function prefixBits(text: string | undefined, most: number): number | null {
  if (text === undefined) return most
  return /^\d{1,3}$/.test(text) && Number(text) <= most ? Number(text) : null
}

function typeOf(family: number): 'ipv4' | 'ipv6' {
  return family === 4 ? 'ipv4' : 'ipv6'
}
