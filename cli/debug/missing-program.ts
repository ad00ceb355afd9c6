import type { Coredump } from '../../coredump/coredump.ts'
import type { CrashReport } from '../../crash/report.ts'
import { plain } from '../../untrusted/plain-text.ts'

/** What to do where the program of a crash is not stored. */
export function missingProgram({ spec }: Coredump, report: CrashReport | null): string {
  const [executable] = report?.binaries ?? []
  const { notKept } = executable ?? {}
  const why = notKept === undefined ? '' : ` (${plain(notKept)})`
  const image = plain(spec.imageId ?? spec.image ?? 'its image')
  const path = plain(spec.executable ?? executable?.path ?? 'the program')
  return [
    `The program is not in the store${why}, so there are no names. Take ${path} from ${image}, and open with it:`,
    '  docker create --name crashed IMAGE && docker cp crashed:PROGRAM ./program && docker rm crashed',
    '  kubectl coredog debug … --program ./program',
  ].join('\n')
}
