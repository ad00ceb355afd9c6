import { secretText, sections } from '../declaration.ts'
import { HTTP_KEYS, httpReceiver, type Receiver, receiverKind } from './receiver.ts'

/** A collector, or a backend that takes OTLP itself. */
export type OpenTelemetryReceiver = Receiver<'openTelemetry'>

export const openTelemetry = receiverKind({
  keys: sections({
    url: secretText(
      'Where OTLP over HTTP is taken: `http://collector:4318`; without a path `/v1/logs` is added',
    ),
    ...HTTP_KEYS,
  }),
  read: (all, path, findings): readonly OpenTelemetryReceiver[] =>
    all.map((http, at) => {
      const receiver = httpReceiver('openTelemetry', http, `${path}[${at}]`, findings)
      return { ...receiver, url: logsOf(receiver.url) }
    }),
})

/** As other programs take `OTEL_EXPORTER_OTLP_ENDPOINT`: https://opentelemetry.io/docs/specs/otel/protocol/exporter */
function logsOf(written: string): string {
  if (!URL.canParse(written)) return written
  const url = new URL(written)
  if (url.pathname === '/') url.pathname = '/v1/logs'
  return url.href
}
