import path from 'node:path'

/**
 * The node's own file system, as the installer sees it: at `/host` in its container, at `/` when it is run on
 * the node itself.
 */
export class Host {
  readonly root: string

  constructor(root: string) {
    this.root = path.resolve(root)
  }

  /** Where `file` of the node is for us. `file` is absolute, and stays below the root. */
  path(file: string): string {
    return path.join(this.root, path.posix.normalize(`/${file}`))
  }
}

/** Where things are on every node (the places of the handler can be moved by its configuration). */
export const HOST_PATHS = {
  configFolder: '/etc/coredog',
  stateFolder: '/var/lib/coredog',
  runFolder: '/run/coredog',
  handlerLog: '/var/log/coredog/handler.log',
} as const
