import type { CrashReport } from '../crash/report.ts'
import type { CrashLinks } from './crash-links.ts'
import type { GroupUpdate } from './group-update.ts'

/** What is to be told of one crash. A channel decides how it looks there. */
export interface Notification extends CrashLinks {
  /**
   * `stored`: the core is whole. `incomplete`: it is kept as far as it came (`report.core` says why). `lost`:
   * there is no core; `reason` says why and `hint` what to do about it. `suppressed`: so many crashes
   * (`report.suppressed`, which is of the last of them) came again that were counted, and of which no core
   * was kept.
   */
  readonly outcome: 'stored' | 'incomplete' | 'lost' | 'suppressed'
  readonly report: CrashReport
  /**
   * The path that the original CoreDog would have seen: `/corefile/<ns>/<pod>/<container>/<file>`. `keyword`
   * is matched against it, and `{corefile.path}` and `{corefile.filename}` show it.
   */
  readonly corefilePath: string
  /**
   * The core was taken from a file, as the original CoreDog did: a template then means what it meant there.
   */
  readonly fromFile?: boolean
  /** Of the log of the container, whatever they are; absent: none are to be shown. */
  readonly lastLines?: readonly string[]
  /** `kubectl coredog` gets its core, for who may have it; absent: it is not there, or not to be told of. */
  readonly byCommand?: true
  readonly reason?: string
  readonly hint?: string
  /**
   * The folder, in the store, of the group that all nodes of the cluster count together; absent: each node tells of its
   * own. A lost core is told of by itself.
   */
  readonly group?: string
  /** What came of its group since; absent: it tells of one crash, or of those that one node has counted. */
  readonly update?: GroupUpdate
}

/** How telling one channel went. */
export interface Delivery {
  /** Kind and position in the configuration, as `feishu#1`: what a log may show of it. */
  readonly channel: string
  readonly outcome: 'sent' | 'skipped' | 'failed'
  /** Why it was skipped or failed; holds no secret. */
  readonly reason?: string
  readonly hint?: string
  /** Of a failure that may pass: the same may go well after so many seconds. */
  readonly retryAfterSeconds?: number
}

/** Tells people. Never rejects: a crash whose notification failed is stored all the same. */
export interface Notifier {
  /**
   * Gives a delivery for each channel, in their order. `onNoted` is called, if this notifier keeps a journal,
   * when what is still to be sent is on the disk and no channel has been told: from then on the notification
   * survives our end.
   */
  tell(notification: Notification, onNoted?: () => Promise<void>): Promise<readonly Delivery[]>
}
