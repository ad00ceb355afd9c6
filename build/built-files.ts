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
  readonly kubectlCoredog: string
}

export function builtFiles(architecture: Architecture): BuiltFiles {
  const folder = path.join(ROOT, 'dist', architecture === ownArchitecture() ? '' : architecture)
  return {
    handler: path.join(folder, HANDLER_NAME),
    addon: path.join(folder, ADDON_NAME),
    scripts: path.join(folder, 'handler'),
    kubectlCoredog: path.join(folder, 'kubectl-coredog'),
  }
}

/** kubectl coredog for any machine with Node, what of others is in it, and what completes its words in a shell. */
export const KUBECTL_COREDOG = {
  script: path.join(ROOT, 'dist/kubectl-coredog.js'),
  licenses: path.join(ROOT, 'dist/kubectl-coredog.LICENSES.txt'),
  completion: path.join(ROOT, 'dist/kubectl_complete-coredog'),
} as const

/** The image of one architecture, or of several. What is this machine's own has no other name. */
export function archiveFile(architectures: readonly Architecture[]): string {
  const whose = architectures.length > 1 ? ['all'] : architectures.filter(each => each !== ownArchitecture())
  return path.join(ROOT, 'dist', `${['coredog-image', ...whose].join('-')}.tar`)
}
