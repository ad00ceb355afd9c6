import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { OperatorError } from '../../crash/errors.ts'

/** The reference implementation of a registry, on a port of this machine, for as long as it is needed. */
export interface LocalRegistry extends AsyncDisposable {
  /** Host and port. */
  readonly name: string
  /** Nobody else may read or write there. */
  readonly user: string
  readonly password: string
}

const LONGEST_START_MS = 30_000

const USER = 'coredog'
const PASSWORD = 'rehearsal'
// bcrypt of it: the registry takes no other form.
const HTPASSWD = `${USER}:$2a$05$2oq7j7RIMqYgaNvU.SWiE.JleLRZRjwF1c/rtXPPatjgrFaG9dlKi\n`

export async function startRegistry(
  folder: string,
  longestStartMs = LONGEST_START_MS,
): Promise<LocalRegistry> {
  const config = path.join(folder, 'registry.json')
  const users = path.join(folder, 'registry.htpasswd')
  await writeFile(users, HTPASSWD)
  await writeFile(config, JSON.stringify(configFor(path.join(folder, 'registry'), users)))
  const program = spawn('registry', ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  await once(program, 'spawn').catch(cause => {
    throw new OperatorError('Cannot find "registry"', 'Run .ci/install-release, which brings it.', cause)
  })
  const stop = async () => {
    program.kill()
    if (program.exitCode === null && program.signalCode === null) await once(program, 'exit')
  }
  const name = await addressIn(program.stderr, longestStartMs).catch(cause =>
    stop().then(() => Promise.reject(cause)),
  )
  return { name, user: USER, password: PASSWORD, [Symbol.asyncDispose]: stop }
}

/** Which port it got is in its log, which is read to its end: one that nobody reads would stop the registry. */
async function addressIn(log: Readable, longestMs: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const fail = () => reject(new Error('Cannot start a registry: it did not say that it listens'))
  const timer = setTimeout(fail, longestMs)
  createInterface({ input: log })
    .on('line', line => {
      const [, address] = /listening on (127\.0\.0\.1:\d+)/.exec(line) ?? []
      if (address !== undefined) resolve(address)
    })
    .on('close', fail)
  return await promise.finally(() => clearTimeout(timer))
}

function configFor(rootdirectory: string, users: string): object {
  return {
    ...{ version: '0.1', storage: { filesystem: { rootdirectory } }, http: { addr: '127.0.0.1:0' } },
    auth: { htpasswd: { realm: 'rehearsal', path: users } },
    log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
  }
}
