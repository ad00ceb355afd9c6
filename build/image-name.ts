import { OperatorError } from '../crash/errors.ts'

// The grammar of references, with a registry and a tag. What stands first is a registry only if it has a dot
// or a port, or is localhost: engines take `team/coredog:1` for docker.io's.
const HOST = /(?=localhost[:/]|[^/]*[.:][^/]*\/)[a-z\d](?:[a-z\d.-]*[a-z\d])?(?::\d+)?/
const PATH = /[a-z\d]+(?:(?:\.|_{1,2}|-+)[a-z\d]+)*/
const NAME = new RegExp(`^${HOST.source}(?:/${PATH.source})+:(?<tag>\\w[\\w.-]{0,127})$`)

/** What an image is called, in full. */
export interface ImageName {
  readonly full: string
  readonly tag: string
}

export function parseImageName(text: string): ImageName {
  const tag = NAME.exec(text)?.groups?.tag
  if (tag !== undefined) return { full: text, tag }
  throw new OperatorError(
    `Cannot call an image "${text}"`,
    'Give registry, repository and tag in full, such as registry.example.com/coredog:0.1.0.',
  )
}
