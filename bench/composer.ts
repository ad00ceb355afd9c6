import { chmodSync, copyFileSync, existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { findProgram } from '../test/installed-program.ts'
import { type Contestant, type Offer, quoted } from './contestant.ts'

export const COMPOSER = 'IBM composer'

// As its chart has them, but that nobody is asked for the pod, as there is no runtime here: it would end with
// an error after the core. Our own name for the file, which begins as everybody's does.
const SETTINGS = 'LOG_LEVEL=Warn\nIGNORE_CRIO=true\nFILENAME_TEMPLATE=core-{uuid}\n'

/** core-dump-composer of IBM's core-dump-handler, on the node's side of it: it makes a ZIP of each crash. */
export const composer: Offer = async ({ composer: program, scratch }) => {
  const absent = (reason: string) => ({ name: COMPOSER, reason })
  if (program === null) return absent('no --composer=PATH says where it is')
  if (!existsSync(program)) return absent(`there is no ${program}`)
  if (findProgram('unzip') === null) return absent('unzip is not installed')
  return contestant(placed(program, scratch.programs), scratch.folder('composer'))
}

/** It looks for its settings beside itself. */
function placed(program: string, folder: string): string {
  const copy = path.join(folder, 'core-dump-composer')
  copyFileSync(program, copy)
  chmodSync(copy, 0o755)
  writeFileSync(path.join(folder, '.env'), SETTINGS)
  return copy
}

function contestant(program: string, folder: string): Contestant {
  return {
    ...{ name: COMPOSER, peers: [], rounds: 1, metered: true, folder },
    // As its agent sets them, without the folder.
    kernelArguments: '-c=%c -e=%e -p=%p -s=%s -t=%t -h=%h -E=%E',
    command: `${quoted(program)} ${quoted(`-d=${folder}`)} "$@"`,
    unpack: `unzip -p "$1" '*.core'`,
  }
}
