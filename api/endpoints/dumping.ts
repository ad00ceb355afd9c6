import type { Streaming } from '../streams/streaming.ts'
import type { DumpPace } from './dump-pace.ts'
import type { EndpointObjects } from './endpoint-objects.ts'

/** What dumps need besides what all streams do. */
export interface Dumping extends Streaming {
  readonly objects: EndpointObjects
  readonly pace: DumpPace
  /** What would take longer is refused: the API server cuts after a minute. */
  readonly mostSeconds: number
}
