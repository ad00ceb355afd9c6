import path from 'node:path'
import { ADDON_NAME, HANDLER_NAME } from '../crash/our-pattern.ts'
import { ROOT } from './bundle.ts'
import { type Architecture, ownArchitecture } from './node-binary.ts'

/** Where the build puts what it makes for one architecture. */
export interface BuiltFiles {
  readonly handler: string
  /** Beside the handler, as on a node, from where it is loaded; there is none where it could not be made. */
  readonly addon: string
  /** What the handler is made of, and the licenses of that. */
  readonly scripts: string
}

export function builtFiles(architecture: Architecture): BuiltFiles {
  const folder = path.join(ROOT, 'dist', architecture === ownArchitecture() ? '' : architecture)
  return {
    handler: path.join(folder, HANDLER_NAME),
    addon: path.join(folder, ADDON_NAME),
    scripts: path.join(folder, 'handler'),
  }
}

/** The image of one architecture, or of several. What is this machine's own has no other name. */
export function archiveFile(architectures: readonly Architecture[]): string {
  const whose = architectures.length > 1 ? ['all'] : architectures.filter(each => each !== ownArchitecture())
  return path.join(ROOT, 'dist', `${['coredog-image', ...whose].join('-')}.tar`)
}
