import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'

const INSTALLER = path.resolve(import.meta.dirname, '../../dist/coredog-installer.js')
const SAVED = '/var/lib/coredog/original-sysctls.json'
// A chart whose configuration holds a secret has all of it in the second.
const CONFIGURATION = ['/etc/coredog/coredog.yaml', '/etc/coredog/coredog-secrets.yaml']

/**
 * Takes away what a killed run installed on this machine. Rejects if another program did: it is not ours to
 * remove.
 */
export async function removeEarlierInstallation(): Promise<void> {
  if (!existsSync(SAVED)) return
  const there = CONFIGURATION.filter(existsSync)
  const isOurs = there.length === 0 || there.some(file => readFileSync(file, 'utf8').includes('/tmp/cd-'))
  if (!isOurs) throw new Error('Cannot test the installer here: CoreDog is installed on this machine')
  await execa(process.execPath, [INSTALLER, 'restore', '--host-root=/'])
}
