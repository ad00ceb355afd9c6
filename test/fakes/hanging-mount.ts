import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync } from 'node:fs'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A file system of which every call hangs, in state D, until {@link HangingMount.end}. */
export interface HangingMount {
  readonly folder: string
  /** Whatever hangs fails then, with ECONNABORTED. */
  readonly end: () => Promise<void>
}

export const NO_FUSE = 'to mount a file system that hangs takes root and /dev/fuse'

/**
 * Over `over`, or in a folder of its own. `null`: it cannot be mounted here. It ends with us, however we end.
 */
export async function hangingMount(over: string | null = null): Promise<HangingMount | null> {
  if (process.getuid?.() !== 0 || !isThere('/dev/fuse')) return null
  const folder = over ?? (await mkdtemp(path.join(tmpdir(), 'coredog-hanging-')))
  const program = path.join(import.meta.dirname, 'hanging-daemon.mjs')
  const script = '"$1" "$2" "$3"; umount -l "$3" 2>/dev/null'
  const daemon = spawn('sh', ['-c', script, 'sh', process.execPath, program, folder], {
    stdio: ['pipe', 'pipe', 'ignore'],
    // A terminal's Ctrl-C ends the test, not who unmounts.
    detached: true,
  })
  const gone = once(daemon, 'exit')
  const isMounted = await Promise.race([once(daemon.stdout, 'data').then(() => true), gone.then(() => false)])
  if (!isMounted) {
    if (over === null) await rmdir(folder)
    return null
  }
  return {
    folder,
    end: async () => {
      daemon.stdin.end()
      await gone
      if (over === null) await rmdir(folder)
    },
  }
}

function isThere(file: string): boolean {
  try {
    accessSync(file)
    return true
  } catch {
    return false
  }
}
