import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import { type ImageEntry, packLayer } from '../../build/image-layer.ts'
import { parseImageName } from '../../build/image-name.ts'
import { ownArchitecture } from '../../build/node-binary.ts'
import { packArchive } from '../../build/oci-archive.ts'
import { findProgram } from '../installed-program.ts'
import type { Image } from './images.ts'

/** Made of this machine's own files, without a registry. */
export interface DebuggerImages {
  /** A program that crashes, its libraries, and a shell. */
  readonly shop: Image
  /** The same without a shell. */
  readonly bare: Image
  /** The same with a debugger. */
  readonly whole: Image
  /** A debugger, and no program that crashes. */
  readonly debugger: Image
}

const SHOP = '/app/shop'
const SOURCE = `#include <stdexcept>
#include <vector>
struct Basket { std::vector<int> items; int total() const { return *(volatile int *)0x18; } };
static int pay(const Basket &basket) { return basket.total() + 1; }
int main() { return pay(Basket{}); }
`
const SHELL = ['sh', 'sleep', 'cat', 'ls']
const TOOLS = ['tar', 'gzip', 'sha256sum', 'gdb']

export async function buildDebuggerImages(dir: string): Promise<DebuggerImages> {
  const program = path.join(dir, 'shop')
  await execa('g++', ['-g', '-O0', '-x', 'c++', '-', '-o', program], { input: SOURCE })
  const shop = [entryOf(SHOP, program), ...(await librariesOf(program))]
  const [shell, tools] = [await programs(SHELL), [...(await programs(TOOLS)), ...gdbFiles()]]
  return {
    bare: await pack(dir, 'bare', shop),
    shop: await pack(dir, 'shop', [...shop, ...shell]),
    whole: await pack(dir, 'whole', [...shop, ...shell, ...tools]),
    debugger: await pack(dir, 'debugger', [...shell, ...tools]),
  }
}

async function programs(names: readonly string[]): Promise<ImageEntry[]> {
  const found: ImageEntry[] = []
  for (const name of names) {
    const file = findProgram(name) ?? name
    found.push(entryOf(`/bin/${name}`, file), ...(await librariesOf(file)))
  }
  return found
}

async function librariesOf(program: string): Promise<ImageEntry[]> {
  const { stdout } = await execa('ldd', [program])
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, library = '']) => entryOf(library, library))
}

/** It does not start without the modules of its Python. */
function gdbFiles(): ImageEntry[] {
  const [python = ''] = readdirSync('/usr/lib').filter(name => /^python3\.\d+$/.test(name))
  return [`/usr/lib/${python}`, '/usr/share/gdb'].flatMap(folder =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && /\.(?:py|xml|dtd)$/.test(entry.name))
      .map(entry => path.join(entry.parentPath, entry.name))
      .filter(file => !/\/(?:test|dist-packages|idlelib|lib2to3)\//.test(file))
      .map(file => entryOf(file, file)),
  )
}

function entryOf(place: string, file: string): ImageEntry {
  return { path: place, content: readFileSync(file), mode: 0o755 }
}

async function pack(dir: string, name: string, entries: readonly ImageEntry[]): Promise<Image> {
  const image = { name: `localhost/coredog-e2e/${name}:1`, archive: path.join(dir, `${name}.tar`) }
  const once = new Map(entries.map(entry => [entry.path, entry]))
  const settings = { Env: ['PATH=/bin'], Entrypoint: [SHOP], WorkingDir: '/', User: '', Labels: {} }
  const layers = [await packLayer('files', [...once.values()])]
  const made = { name: parseImageName(image.name), architecture: ownArchitecture(), layers, settings }
  writeFileSync(image.archive, await packArchive(made))
  return image
}
