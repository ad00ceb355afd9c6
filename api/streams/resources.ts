import type { ApiOutside } from '../outside.ts'
import type { ServedResource } from '../resource.ts'
import { StatusError } from '../status-error.ts'

/** What is read of one crash. */
export function streamResources(_outside: ApiOutside): readonly ServedResource[] {
  return Object.entries(DESCRIPTIONS).map(([name, description]) => ({
    name: `coredumps/${name}`,
    kind: 'Coredump',
    verbs: ['get'],
    takesRest: name === 'proxy',
    description,
    serve: async () => {
      throw new StatusError(501, 'NotImplemented', `coredumps/${name} is not served yet`)
    },
  }))
}

const DESCRIPTIONS = {
  proxy: 'The core as it is stored; below it the programs that crashed and their symbols.',
  log: 'The last lines of the log of the container.',
  report: 'The report of the crash.',
  backtrace: 'The backtrace, as text.',
  url: 'A link to the core that needs no credentials, for a while.',
  binaries: 'The programs that the crash names and the store has.',
}
