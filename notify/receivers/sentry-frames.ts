import { present } from '../../crash/present.ts'
import type { ReportFrame } from '../../crash/report.ts'

interface Image {
  readonly type: 'elf'
  readonly code_file: string
  readonly code_id: string
  readonly debug_id: string
}

/**
 * A stack, the outermost frame first, as Sentry has it, and the files that it runs through, by which Sentry finds
 * symbols of its own. Addresses are those of the file: `rel:` and the place of the image.
 * https://develop.sentry.dev/sdk/foundations/transport/event-payloads/stacktrace
 */
export function stacktraceOf(frames: readonly ReportFrame[]): {
  readonly stacktrace?: { readonly frames: readonly object[] }
  readonly images: readonly Image[]
} {
  const images = imagesOf(frames)
  const places = new Map(images.map(({ code_id }, place) => [code_id, place]))
  const shown = frames.map(frame => frameOf(frame, places.get(frame.buildId ?? '')))
  return { ...(shown.length > 0 && { stacktrace: { frames: shown.toReversed() } }), images }
}

function frameOf(
  { function: name, module, address, file, line, own, trust }: ReportFrame,
  image: number | undefined,
) {
  return present({
    function: name,
    package: module,
    instruction_addr: address,
    addr_mode: image === undefined || address === undefined ? undefined : `rel:${image}`,
    filename: file?.split('/').at(-1),
    abs_path: file,
    lineno: line,
    in_app: own,
    trust,
  })
}

function imagesOf(frames: readonly ReportFrame[]): readonly Image[] {
  const files = new Map(frames.flatMap(({ buildId, module }) => (buildId ? [[buildId, module ?? '']] : [])))
  return [...files].flatMap(([code_id, code_file]) => {
    const debugId = debugIdOf(code_id)
    return debugId === null ? [] : [{ type: 'elf', code_file, code_id, debug_id: debugId }]
  })
}

/**
 * The id by which Sentry knows the symbols of a build: the first 16 bytes of its build id as a UUID of little-endian
 * fields. https://docs.sentry.io/platforms/native/data-management/debug-files/identifiers
 */
export function debugIdOf(buildId: string): string | null {
  if (!/^(?:[\da-f]{2}){1,64}$/i.test(buildId)) return null
  const bytes = Buffer.alloc(16)
  Buffer.from(buildId, 'hex').copy(bytes, 0, 0, 16)
  bytes.subarray(0, 4).reverse()
  bytes.subarray(4, 6).reverse()
  bytes.subarray(6, 8).reverse()
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
