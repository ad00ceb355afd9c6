import path from 'node:path'
import { findProgram } from '../test/installed-program.ts'
import { type Offer, quoted } from './contestant.ts'

const NAME = 'shell helper'
const SCRIPT = path.join(import.meta.dirname, 'shell-helper.sh')

/** What blogs recommend: bash, gzip and tar. */
export const shellHelper: Offer = async ({ scratch }) => {
  const bash = findProgram('bash')
  if (bash === null) return { name: NAME, reason: 'bash is not installed' }
  const folder = scratch.folder('shell')
  return {
    ...{ name: NAME, peers: [], rounds: 1, metered: true, kernelArguments: '%P %e %t', folder },
    command: `${quoted(bash)} ${quoted(SCRIPT)} ${quoted(folder)} "$@" 2>/dev/null`,
    unpack: 'tar -xzOf "$1" --wildcards "./core_*.gz" | gzip -dc',
  }
}
