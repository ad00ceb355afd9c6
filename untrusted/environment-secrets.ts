import { isSecretName } from './secret-name.ts'

const LONGEST_NAME = 256
/** Of a shell: pwd is a password elsewhere. */
const FOLDERS: ReadonlySet<string> = new Set(['PWD', 'OLDPWD'])
const MOST_VARIABLES = 4096
/** `postgres://user:password@host/db`. */
const USER_INFO = /:\/\/[^\s:@/]{0,128}:([^\s@/]{8,256})@/g

/** The values of variables whose names say that they are secret, of proc_pid_environ(5). */
export function* secretsInEnvironment(environment: string): Generator<string> {
  for (const variable of environment.split('\0', MOST_VARIABLES)) {
    const at = variable.indexOf('=')
    const [name, value] = [variable.slice(0, at), variable.slice(at + 1)]
    if (at > 0 && at <= LONGEST_NAME && isSecretName(name) && !FOLDERS.has(name)) yield value
    else yield* passwordsIn(value)
  }
}

function* passwordsIn(value: string): Generator<string> {
  for (const [, password = ''] of value.matchAll(USER_INFO)) {
    yield password
    if (password.includes('%')) yield decoded(password)
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
