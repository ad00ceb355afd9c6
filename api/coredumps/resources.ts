import type { Capacity } from '../capacity.ts'
import type { ApiOutside } from '../outside.ts'
import type { ServedResource } from '../resource.ts'
import { coredumpServer } from './coredump-server.ts'
import { COREDUMP_SCHEMA } from './schema.ts'

/** Crashes as objects. */
export function coredumpResources(outside: ApiOutside, capacity: Capacity): readonly ServedResource[] {
  return [
    {
      name: 'coredumps',
      kind: 'Coredump',
      verbs: ['get', 'list', 'watch'],
      singularName: 'coredump',
      shortNames: ['core', 'cores'],
      categories: ['coredog'],
      description: 'A crash that CoreDog has stored.',
      schema: COREDUMP_SCHEMA,
      serve: coredumpServer(outside, capacity),
    },
  ]
}
