import { CorePipe } from '../handler/core/core-pipe.ts'

/**
 * A pipe whose report tells no times: they would begin with the start of the demo, and a handler's begin with
 * the crash.
 */
export class UntimedPipe extends CorePipe {
  override get openedAt(): null {
    return null
  }

  override get closedAt(): null {
    return null
  }
}
