import path from 'node:path'
import type { Config } from '../../config/config.ts'
import { storageBelow } from '../../storage/open-store.ts'

/**
 * `config` for a program that sees the node's root file system at `root`, as the installer does in its
 * container.
 */
export function belowRoot(config: Config, root: string): Config {
  const below = (file: string) => path.join(root, file)
  const { storage, spool, paths } = config
  return {
    ...config,
    storage: storageBelow(root, storage),
    spool: { ...spool, dir: below(spool.dir) },
    paths: { log: below(paths.log), state: below(paths.state), run: below(paths.run) },
  }
}
