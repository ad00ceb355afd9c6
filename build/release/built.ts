import path from 'node:path'
import { ROOT } from '../bundle.ts'

/** What `npm run image` leaves in dist/. */
export interface Built {
  readonly archive: string
  readonly handlers: readonly { readonly architecture: string; readonly file: string }[]
}

/** Of x64, of arm64, or of all. What is this machine's own has no other name. */
export function builtFor(architecture: string, own: string = process.arch): Built {
  const named = (name: string, of: string, ending = '') =>
    path.join(ROOT, 'dist', `${of === own ? name : `${name}-${of}`}${ending}`)
  const architectures = architecture === 'all' ? ['x64', 'arm64'] : [architecture]
  return {
    archive: named('coredog-image', architecture, '.tar'),
    handlers: architectures.map(each => ({ architecture: each, file: named('coredog-handler', each) })),
  }
}
