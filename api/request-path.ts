import { badRequest, StatusError } from './status-error.ts'

/** Of a request, what its path says. Every segment is decoded, once. */
export interface RequestPath {
  readonly segments: readonly string[]
  readonly query: URLSearchParams
}

const LONGEST_PATH = 2048
const LONGEST_QUERY = 8192
const MOST_PARAMETERS = 64

/** Throws a `StatusError` at what no client of Kubernetes sends. */
export function requestPath(url: string): RequestPath {
  const mark = url.indexOf('?')
  const [path, query] = mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
  if (path.length > LONGEST_PATH || query.length > LONGEST_QUERY)
    throw new StatusError(414, 'RequestURITooLong', 'the path or the query is too long')
  if (!path.startsWith('/')) throw badRequest('the path does not begin with a slash')
  const parameters = new URLSearchParams(query)
  if (parameters.size > MOST_PARAMETERS) throw badRequest('the query has too many parameters')
  return { segments: segmentsIn(path), query: parameters }
}

/** One slash at the end is none. */
function segmentsIn(path: string): readonly string[] {
  const bare = path.endsWith('/') ? path.slice(1, -1) : path.slice(1)
  return bare === '' ? [] : bare.split('/').map(segmentIn)
}

function segmentIn(written: string): string {
  const segment = decoded(written)
  if (segment === '' || segment === '.' || segment === '..' || NEVER.test(segment))
    throw badRequest('the path has a segment that no name can be')
  return segment
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const NEVER = /[/\\%\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd]/

function decoded(written: string): string {
  try {
    return decodeURIComponent(written)
  } catch {
    throw badRequest('the path is not escaped as a path is')
  }
}
