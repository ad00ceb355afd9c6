import { COREDUMP_GROUP, COREDUMP_VERSION } from '../coredump/coredump.ts'
import type { Capacity } from './capacity.ts'
import { coredumpResources } from './coredumps/resources.ts'
import {
  DETECTOR_GROUP,
  DETECTOR_VERSION,
  type DumpLimits,
  endpointResources,
} from './endpoints/resources.ts'
import type { ApiOutside } from './outside.ts'
import type { ServedGroup } from './resource.ts'
import { streamResources } from './streams/resources.ts'
import { type StreamLimits, streamingOf } from './streams/streaming.ts'

export interface ServedOptions extends Partial<StreamLimits & DumpLimits> {
  readonly detectorPaths: boolean
  readonly capacity: Capacity
}

/** All that is served. `detectorPaths`: the alias for users of k8s-coredump-detector as well. */
export function servedGroups(
  outside: ApiOutside,
  { detectorPaths, capacity, ...limits }: ServedOptions,
): readonly ServedGroup[] {
  const streaming = streamingOf(outside, capacity, limits)
  const own = {
    group: COREDUMP_GROUP,
    version: COREDUMP_VERSION,
    resources: [...coredumpResources(outside, capacity), ...streamResources(streaming)],
  }
  const alias = { group: DETECTOR_GROUP, version: DETECTOR_VERSION }
  return detectorPaths ? [own, { ...alias, resources: endpointResources(streaming, limits) }] : [own]
}
