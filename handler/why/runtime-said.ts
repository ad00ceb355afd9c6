import type { Memory } from '../../crash/image/memory.ts'
import type { ReportCrash } from '../../crash/report.ts'
import { abortMessageAt } from '../../crash/why/abort-message.ts'
import type { Evidence } from './evidence.ts'
import { interpreterFramesOf } from './interpreter-frames.ts'
import { jvmReport } from './jvm-report.ts'

/** What libc and the program's runtime have of the crash themselves: in memory, and in a file. */
export interface RuntimeSaid {
  readonly ofJvm: ReturnType<typeof jvmReport>
  /** Of libc, or the JVM, before it aborted. */
  readonly message: Pick<ReportCrash, 'abortMessage'>
  /** Of Python; those of the JVM are among what is of it. */
  readonly interpreted: Pick<ReportCrash, 'interpreterFrames'>
}

/** It needs no symbols. */
export function runtimeSaid(evidence: Evidence, memory: Memory): RuntimeSaid {
  const { abortMessageAt: at } = evidence
  const ofJvm = jvmReport(evidence)
  const abortMessage = (at === undefined ? null : abortMessageAt(memory, at)) ?? ofJvm.abortMessage
  return {
    ofJvm,
    message: abortMessage === undefined ? {} : { abortMessage },
    interpreted: interpreterFramesOf(evidence, memory),
  }
}
