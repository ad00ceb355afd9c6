import type { LinkTemplate, LinkValue } from './config.ts'
import type { ValueOf } from './declaration.ts'
import { DURATION_FORM, parseDuration } from './duration.ts'
import type { Findings } from './findings.ts'
import type { KEYS } from './keys.ts'
import { show } from './show.ts'
import { TEMPLATE_VARIABLES } from './template-variables.ts'

type LinkSettings = ValueOf<typeof KEYS>['notify']['links']

const MOST_LINKS = 5
const LONGEST_URL = 1000

/** Letters that are markup in no chat. */
const LABEL = /^[\p{L}\p{N}][\p{L}\p{N} .:+/-]{0,39}$/u

/** The time of the crash: as RFC 3339, in seconds and in milliseconds since 1970. */
export const TIMES = ['time', 'time.s', 'time.ms'] as const

/** The links of `notify.links`, each of which is right or goes to `findings`. */
export function linkTemplates(links: LinkSettings, findings: Findings): readonly LinkTemplate[] {
  if (links.length > MOST_LINKS)
    findings.wrong('notify.links', `has ${links.length}; at most ${MOST_LINKS}`, 'Keep those that help most.')
  return links.slice(0, MOST_LINKS).map(({ label, url }, at) => {
    const path = `notify.links[${at}]`
    if (!LABEL.test(label))
      findings.wrong(
        `${path}.label`,
        label === '' ? 'is not set' : `is ${show(label)}; allowed: 40 letters, digits, blanks and . : + / -`,
        'Write what the link leads to, such as Grafana.',
      )
    return { label, parts: partsOf(url, `${path}.url`, findings) }
  })
}

/** `url` in parts: text as it stands, and values. */
function partsOf(url: string, path: string, findings: Findings): LinkTemplate['parts'] {
  // Splitting at one group puts what stood in braces at the odd places.
  const written = url.split(/\{([^{}]*)\}/)
  const parts = written.map((part, at) => (at % 2 === 0 ? part : valueIn(part)))
  const state = wrongBy(url) ?? unknownIn(written, parts)
  if (state !== null)
    findings.wrong(path, state, 'docs/channels.md has an example; %7B and %7D are braces of your own.')
  return parts.filter(part => part !== null && part !== '') as LinkTemplate['parts']
}

function wrongBy(url: string): string | null {
  if (url === '') return 'is not set'
  if (url.length > LONGEST_URL) return `has ${url.length} characters; at most ${LONGEST_URL}`
  const [, host = ''] = /^https?:\/\/([^/?#\\]*)/i.exec(url) ?? []
  if (host === '') return `is ${show(url)}; allowed: a URL that begins with http:// or https://`
  if (/[{}]/.test(host)) return 'has a value in the name of the host: a crash would say where it leads'
  if (host.includes('@')) return 'has a password or a name in it, which all readers of the chat would see'
  return URL.canParse(`https://${host}/`) ? null : 'has no host that could be asked'
}

function unknownIn(written: readonly string[], parts: readonly unknown[]): string | null {
  const at = parts.indexOf(null)
  if (at === -1) return written.some(part => /[{}]/.test(part)) ? 'has a brace without its other one' : null
  const names = TEMPLATE_VARIABLES.filter(name => name !== 'time').join(', ')
  return `holds {${written[at]?.slice(0, 40)}}; known are ${names}, ${TIMES.join(', ')}, and these three with ${DURATION_FORM} before or behind, as {time.ms-15m}`
}

/** `null`: there is no such value. */
function valueIn(written: string): LinkValue | null {
  const name = TEMPLATE_VARIABLES.find(known => known === written)
  if (name !== undefined && name !== 'time') return { name }
  const [, base, sign = '', length = '0'] = /^(time(?:\.m?s)?)(?:([+-])(.+))?$/.exec(written) ?? []
  const time = TIMES.find(known => known === base)
  const seconds = parseDuration(length)
  if (time === undefined || seconds === undefined) return null
  return { name: time, shiftSeconds: sign === '-' ? -seconds : seconds }
}
