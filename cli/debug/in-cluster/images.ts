import type { Coredump } from '../../../coredump/coredump.ts'
import { plain } from '../../../untrusted/plain-text.ts'
import { CliError, EXIT } from '../../exit.ts'
import type { CrashFiles } from '../crash-folder.ts'
import type { DebugOptions } from '../debug-options.ts'

/** Of which images a debug pod is made. */
export interface Images {
  /** It has the debugger. */
  readonly image: string
  /** Runs beside it, for its files alone; `null`: they are not needed, or the debugger is in it. */
  readonly crashed: string | null
  /** Whether the debugger is to look into the crashed image. */
  readonly needsFiles: boolean
}

interface Asked {
  readonly crash: Coredump
  readonly files: CrashFiles
  readonly options: DebugOptions
  readonly say: (text: string) => void
}

export function imagesFor({ crash, files, options, say }: Asked): Images {
  const crashed = crashedImage(crash)
  const image = options.debuggerImage ?? crashed
  if (image === null) throw noImage()
  const needsFiles = crashed !== null && needsImage(files)
  const isUsed = needsFiles || image === crashed
  if (isUsed && crashed !== null && !isByDigest(crashed))
    say(`the crashed image is known by its tag alone, ${plain(crashed)}: it may be another one by now`)
  return { image, crashed: needsFiles && image !== crashed ? crashed : null, needsFiles }
}

/** Libraries that are stored are those that crashed; the program alone is what is stored unless one asks for more. */
function needsImage({ modules, program }: CrashFiles): boolean {
  return program === null || modules.length <= 1
}

/** `null`: nobody says of which image a crash was. By its digest, where a registry has it by that. */
function crashedImage({ spec: { image, imageId = '' } }: Coredump): string | null {
  const pullable = imageId.replace(/^docker-pullable:\/\//, '')
  return isByDigest(pullable) ? pullable : (image ?? null)
}

function isByDigest(image: string): boolean {
  return /^[^\s@]{1,400}@sha256:[0-9a-f]{64}$/.test(image)
}

function noImage(): CliError {
  const hint = 'Name one that has gdb with --debugger-image.'
  return new CliError(EXIT.notFound, 'Nobody says of which image the crash was', hint)
}
