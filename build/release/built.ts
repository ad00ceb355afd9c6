import { readArchitectures } from '../architectures.ts'
import { archiveFile, builtFiles } from '../built-files.ts'
import type { Architecture } from '../node-binary.ts'

/** What `npm run image` leaves in dist/. */
export interface Built {
  readonly archive: string
  readonly handlers: readonly { readonly architecture: Architecture; readonly file: string }[]
}

/** Of x64, of arm64, or of all. */
export function builtFor(architecture: string): Built {
  const architectures = readArchitectures(architecture)
  return {
    archive: archiveFile(architectures),
    handlers: architectures.map(each => ({ architecture: each, file: builtFiles(each).handler })),
  }
}
