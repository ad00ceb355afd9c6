import { execa } from 'execa'
import { OperatorError } from '../../crash/errors.ts'

/** So that crane, cosign and Helm may write to a registry: they look into the same file. */
export async function logIn(registry: string, user: string, password: string): Promise<string> {
  if (user === '' || password === '')
    throw new OperatorError(
      `Cannot log in to "${registry}": nobody says as whom`,
      'Set GITHUB_ACTOR and GITHUB_TOKEN.',
    )
  const [host = ''] = registry.split('/')
  // Not as an argument, which everybody on the machine could read.
  const options = { input: password, stderr: 'inherit' } as const
  await execa('crane', ['auth', 'login', host, `--username=${user}`, '--password-stdin'], options)
  return `logged in to ${host}`
}
