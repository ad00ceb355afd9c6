import { homedir } from 'node:os'

/**
 * Gives this process a home where it has none, for the SDK looks for shared settings there and fails with
 * what os.homedir() throws. The kernel starts a handler without HOME, and not every node has an /etc/passwd
 * that knows root.
 */
export function assureHome(): void {
  try {
    homedir()
  } catch {
    process.env.HOME = '/'
  }
}
