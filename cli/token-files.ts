import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'
import { parse } from '../config/yaml.ts'

/**
 * Reads the tokens that `config` has in files. kubectl calls such a file `tokenFile`; the official client for Node.js
 * looks for `token-file` alone, and asks as nobody.
 */
export function readTokenFiles(config: KubeConfig, kubeconfig: string | undefined): void {
  const files = kubeconfig === undefined ? usualFiles(process.env) : [kubeconfig]
  const named = new Map(files.flatMap(tokenFilesIn).toReversed())
  config.users = config.users.map(user => {
    const file = named.get(user.name)
    return user.token !== undefined || file === undefined
      ? user
      : { ...user, token: readFileSync(file, 'utf8').trim() }
  })
}

/** As kubectl finds them. */
function usualFiles({ KUBECONFIG = '' }: NodeJS.ProcessEnv): readonly string[] {
  const named = KUBECONFIG.split(path.delimiter).filter(file => file !== '')
  return named.length > 0 ? named : [path.join(homedir(), '.kube/config')]
}

/** Users and their files, which are found from where the kubeconfig is. */
function tokenFilesIn(kubeconfig: string): readonly (readonly [string, string])[] {
  const users: unknown = fieldsOf(parsed(kubeconfig)).users
  return (Array.isArray(users) ? users : []).flatMap(entry => {
    const { name, user } = fieldsOf(entry)
    const { tokenFile } = fieldsOf(user)
    if (typeof name !== 'string' || typeof tokenFile !== 'string') return []
    return [[name, path.resolve(path.dirname(kubeconfig), tokenFile)]]
  })
}

function parsed(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'))
  } catch {
    // One of several may be missing; what is wrong with it the client has said by now.
    return null
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
