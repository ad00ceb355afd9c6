import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ROOT } from '../bundle.ts'
import { runTool } from './tool.ts'

/** What a release is made of, in the form of CycloneDX; of it only what is read here. */
export interface Sbom {
  readonly components: readonly Component[]
}

interface Component {
  readonly type: string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly licenses: readonly object[]
  readonly hashes: readonly object[]
}

// With its own lock file, and apart: nobody who works on CoreDog needs it.
const MAKER = path.join(ROOT, '.ci/sbom')
const CLI = 'node_modules/@cyclonedx/cyclonedx-npm/bin/cyclonedx-npm-cli.js'

/** Of the packages that are bundled, as package-lock.json has them, and of what no package manager knows. */
export async function writeSbom(file: string): Promise<void> {
  await runTool('npm', ['ci', '--ignore-scripts', '--omit=optional', '--omit=peer', '--no-fund'], {
    cwd: MAKER,
  })
  const options = ['--omit=dev', '--package-lock-only', '--output-reproducible', '--mc-type=application']
  const maker = path.join(MAKER, CLI)
  await runTool(process.execPath, [maker, ...options, '--output-format=JSON', `--output-file=${file}`], {
    cwd: ROOT,
  })
  const sbom: Sbom = JSON.parse(await readFile(file, 'utf8'))
  const pin = await readFile(path.join(ROOT, 'handler/native/isal.txt'), 'utf8')
  await writeFile(file, `${JSON.stringify(withLibrary(sbom, pin), null, 2)}\n`)
}

/** With ISA-L, by the pin of the package that brings its source. */
export function withLibrary(sbom: Sbom, pin: string): Sbom {
  const [, named = ''] = /ISA-L ([\d.]+)/.exec(pin) ?? []
  const [, version = '', content = ''] = /^isal==([\d.]+) --hash=sha256:([\da-f]{64})$/m.exec(pin) ?? []
  if (named === '' || content === '')
    throw new Error('Cannot tell which ISA-L this is: handler/native/isal.txt')
  const library: Component = {
    ...{ type: 'library', name: 'isa-l', version: named, purl: `pkg:pypi/isal@${version}` },
    licenses: [{ license: { id: 'BSD-3-Clause' } }],
    hashes: [{ alg: 'SHA-256', content }],
  }
  return { ...sbom, components: [...sbom.components, library] }
}
