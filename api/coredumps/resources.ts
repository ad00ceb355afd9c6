import type { ApiOutside } from '../outside.ts'
import type { ServedResource } from '../resource.ts'
import { StatusError } from '../status-error.ts'

/** Crashes as objects. */
export function coredumpResources(_outside: ApiOutside): readonly ServedResource[] {
  return [
    {
      name: 'coredumps',
      kind: 'Coredump',
      verbs: ['get', 'list', 'watch'],
      singularName: 'coredump',
      shortNames: ['core', 'cores'],
      categories: ['coredog'],
      description: 'A crash that CoreDog has stored.',
      serve: async () => {
        throw new StatusError(501, 'NotImplemented', 'coredumps are not served yet')
      },
    },
  ]
}
