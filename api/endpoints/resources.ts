import type { ServedResource } from '../resource.ts'
import type { Streaming } from '../streams/streaming.ts'
import { serveDump } from './dump.ts'
import { DumpPace } from './dump-pace.ts'
import { EndpointObjects } from './endpoint-objects.ts'
import { serveEndpoints } from './endpoints.ts'

export { DETECTOR_GROUP, DETECTOR_VERSION } from './coredump-endpoint.ts'

/** How much a dump may be. */
export interface DumpLimits {
  /** As fast as they go where nothing was measured yet. */
  readonly dumpBytesPerSecond: number
  readonly mostDumpSeconds: number
}

// The API server cuts what takes 60 s.
const DUMP_LIMITS: DumpLimits = { dumpBytesPerSecond: 20 << 20, mostDumpSeconds: 50 }

/** The paths of k8s-coredump-detector. No watch: the garbage collector would watch it. */
export function endpointResources(
  streaming: Streaming,
  given: Partial<DumpLimits> = {},
): readonly ServedResource[] {
  const limits = { ...DUMP_LIMITS, ...given }
  const objects = new EndpointObjects(streaming)
  const pace = new DumpPace(limits.dumpBytesPerSecond)
  const dumping = { ...streaming, objects, pace, mostSeconds: limits.mostDumpSeconds }
  return [
    {
      name: 'coredumpendpoints',
      kind: 'CoredumpEndpoint',
      verbs: ['create', 'delete', 'get', 'list'],
      singularName: 'coredumpendpoint',
      description: 'Names a pod, which may be gone, whose cores are to be had.',
      serve: asked => dumping.slots.with(asked.user, () => serveEndpoints(asked, dumping)),
    },
    {
      name: 'coredumpendpoints/dump',
      kind: 'CoredumpEndpointDump',
      verbs: ['get'],
      description: 'The cores of the pod, as a tar that gzip compressed.',
      serve: asked => dumping.slots.with(asked.user, () => serveDump(asked, dumping)),
    },
  ]
}
