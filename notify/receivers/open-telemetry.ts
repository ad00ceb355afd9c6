import type { OpenTelemetryReceiver } from '../../config/receivers/open-telemetry.ts'
import { fieldsIn, fieldsOf, numberOf } from '../../crash/fields.ts'
import { plain } from '../../untrusted/plain-text.ts'
import type { Answer } from '../poster.ts'
import type { Verdict } from '../verdict.ts'
import { verdictOfReceiver } from './answers.ts'
import { jsonText } from './json-text.ts'
import { logRecord } from './log-record.ts'
import type { Receiver } from './receiver.ts'

/** OTLP over HTTP in JSON: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export const openTelemetry: Receiver<OpenTelemetryReceiver> = {
  request: (telling, { url, headers }) => ({ url, headers, body: jsonText(logRecord(telling)) }),
  verdict,
}

/** A collector says with 200 that it took a part, and what it did not take it never will. */
function verdict(answer: Answer): Verdict {
  const { rejectedLogRecords, errorMessage } = fieldsOf(fieldsIn(answer.body)?.partialSuccess)
  if (answer.status !== 200 || !(numberOf(rejectedLogRecords) > 0)) return verdictOfReceiver(answer)
  const said = typeof errorMessage === 'string' && errorMessage !== '' ? `: ${plain(errorMessage, 200)}` : ''
  return {
    kind: 'failed',
    reason: `it rejected the log record${said}`,
    hint: 'Look into its log: a processor or its backend does not take what it was told.',
  }
}
