import { OperatorError } from '../../crash/errors.ts'
import type { Release } from './release.ts'
import { runTool } from './tool.ts'

/** So that crane, cosign and Helm may write to a registry: they look into the same file. */
export async function logIn({ image, env }: Release, user: string, password: string): Promise<string> {
  if (user === '' || password === '')
    throw new OperatorError(
      `Cannot log in to "${image}": nobody says as whom`,
      'Set GITHUB_ACTOR and GITHUB_TOKEN.',
    )
  const [host = ''] = image.split('/')
  // Not as an argument, which everybody on the machine could read.
  const options = { input: password, env, timeout: LONGEST_MS }
  await runTool('crane', ['auth', 'login', host, `--username=${user}`, '--password-stdin'], options)
  return `logged in to ${host}`
}

// It asks the registry nothing, and only writes a file.
const LONGEST_MS = 60_000
