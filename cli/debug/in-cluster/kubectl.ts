import { plain } from '../../../untrusted/plain-text.ts'
import { CliError, EXIT } from '../../exit.ts'
import type { World } from '../../world.ts'
import { programInPath } from '../program-in-path.ts'
import type { Ended } from './exec.ts'

/** The file of a program without which nothing gets into a pod. */
export function neededProgram({ environment }: Pick<World, 'environment'>, name: 'kubectl' | 'tar'): string {
  const file = programInPath(environment, name)
  if (file !== null) return file
  const hint = `Install ${name}, or open the core on this machine, without --in-cluster.`
  throw new CliError(EXIT.error, `Cannot find ${name} on this machine`, hint)
}

/** The error for a program in the pod that failed. `what` it was to do. */
export function execFailed(what: string, { exitCode, said }: Ended, namespace: string): CliError {
  const words = plain(wordsIn(said) || `exit code ${exitCode}`, 1000)
  const message = `Cannot ${what}: ${words}`
  if (said.includes(' is forbidden: ') && said.includes('pods/exec'))
    return new CliError(
      EXIT.forbidden,
      message,
      `You lack the verb "create" on "pods/exec": ask an administrator for it, and look with \`kubectl auth can-i create pods --subresource=exec -n ${namespace}\`.`,
    )
  return new CliError(
    EXIT.error,
    message,
    'Look whether `kubectl exec` gets into other pods; the image has to have sh, sleep, tar, gzip and sha256sum: --debugger-image names another one.',
  )
}

/** Without what kubectl logs of its own tries: `E1129 02:38:28.869856 28587 memcache.go:265] …`. */
function wordsIn(said: string): string {
  const lines = said.split('\n').filter(line => !/^[IWEF]\d{4} /.test(line))
  return lines.join('\n').trim()
}
