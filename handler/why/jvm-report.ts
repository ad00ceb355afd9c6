import { threadIdIn } from '../../crash/core-notes.ts'
import { isOwnJavaMethod } from '../../crash/own-java-method.ts'
import type { ReportCrash } from '../../crash/report.ts'
import { parseJvmError } from '../../crash/why/jvm-error-file.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { shownText } from '../../untrusted/shown-text.ts'
import type { Evidence } from './evidence.ts'
import { fileIn } from './file-in.ts'

/** What stands first is what counts: the rest is the memory of a process, in text. */
const LARGEST_BYTES = 1 << 20
const [LONGEST_PATH, LONGEST_TEXT] = [1024, 1024]

/** What the JVM itself has written of the crash. */
export function jvmReport({
  runtimeFiles = [],
  pid,
  statuses,
}: Pick<Evidence, 'runtimeFiles' | 'pid' | 'statuses'>): Pick<
  ReportCrash,
  'runtimeReport' | 'abortMessage' | 'interpreterFrames'
> {
  const file = runtimeFiles.find(({ kind }) => kind === 'jvm-error')
  const bytes = file && fileIn(file).read(0, Math.min(file.sizeBytes, LARGEST_BYTES))
  const error = bytes ? parseJvmError(shownText(bytes)) : null
  // In a container all lives have the same number, so the file of an earlier one has the same name.
  const threadId = threadIdIn(Buffer.from(statuses[0] ?? []), 8)
  const isOfCrash = error?.pid === pid && (error?.threadId ?? threadId) === threadId
  if (file === undefined || error === null || !isOfCrash) return {}
  return {
    runtimeReport: plain(file.path, LONGEST_PATH),
    ...(error.words !== null && { abortMessage: plain(error.words, LONGEST_TEXT) }),
    ...(error.methods.length > 0 && {
      interpreterFrames: error.methods.map(method => ({
        function: plain(method, LONGEST_TEXT),
        own: isOwnJavaMethod(method),
      })),
    }),
  }
}
