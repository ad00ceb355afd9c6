import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type ConfigOptions, KubeConfig as OfficialConfig } from '@kubernetes/client-node'
import { parse } from 'yaml'
import { fieldsOf } from '../crash/fields.ts'

/**
 * Of the official client only what reads a kubeconfig: an import() of the package itself would bundle all of it. What
 * it leaves out is a user's `tokenFile`, which kubectl takes.
 */
export class KubeConfig extends OfficialConfig {
  override loadFromFile(file: string, options?: Partial<ConfigOptions>): void {
    super.loadFromFile(file, options)
    const tokenFiles = tokenFilesIn(readFileSync(file, 'utf8'))
    this.users = this.users.map(user => {
      const tokenFile = tokenFiles.get(user.name)
      if (tokenFile === undefined) return user
      const config = { tokenFile: path.resolve(path.dirname(file), tokenFile) }
      return { ...user, authProvider: { name: 'tokenFile', config } }
    })
  }
}

/** By the names of their users. The official client has read the same text, and found nothing wrong with it. */
function tokenFilesIn(text: string): ReadonlyMap<string, string> {
  const { users } = fieldsOf(text.includes('tokenFile') ? parse(text) : null)
  const found = (Array.isArray(users) ? users : []).map(fieldsOf).flatMap(({ name, user }) => {
    const { tokenFile } = fieldsOf(user)
    return typeof name === 'string' && typeof tokenFile === 'string' ? [[name, tokenFile] as const] : []
  })
  return new Map(found)
}
