import type { SymbolSourceConfig } from './config.ts'
import type { Findings } from './findings.ts'

const LONGEST = 1024
const [SEGMENT, DOTS] = [/^[A-Za-z0-9._-]{1,128}$/, /^\.{1,2}$/]

/** An entry of `symbols`; `null`: it is none. */
export function symbolSource(text: string): SymbolSourceConfig | null {
  if (text.length > LONGEST) return null
  return /^https?:\/\//i.test(text) ? server(text) : folder(text)
}

/** Without a password, for logs and reports name it. */
function server(text: string): SymbolSourceConfig | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return null
  return { kind: 'server', url: withoutEnd(url.href) }
}

function folder(text: string): SymbolSourceConfig | null {
  const prefix = withoutEnd(text)
  const areSegments = prefix.split('/').every(segment => SEGMENT.test(segment) && !DOTS.test(segment))
  return areSegments ? { kind: 'folder', prefix } : null
}

/** Who is asked. `--to` of `symbols upload` has the folder of the store in it, and an entry has not. */
export function symbolSources(
  texts: readonly string[],
  storeDir: string,
  findings: Findings,
): readonly SymbolSourceConfig[] {
  const sources = texts.map(symbolSource).filter(source => source !== null)
  for (const source of sources)
    if (source.kind === 'folder' && storeDir !== '' && source.prefix.startsWith(`${storeDir}/`))
      findings.warn('symbols', `has "${source.prefix}", which is asked as "${storeDir}/${source.prefix}"`)
  return sources
}

function withoutEnd(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text
}
