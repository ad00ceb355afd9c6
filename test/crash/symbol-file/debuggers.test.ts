/** What debuggers make of a file of symbols. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { bytesOf } from '../../../crash/image/file-bytes.ts'
import { type SymbolFile, symbolFile } from '../../../crash/symbol-file/symbol-file.ts'

const SOURCE = path.resolve(import.meta.dirname, '../../crashers/why/throws.cpp')
const TOOLS = ['g++', 'gdb', 'strip', 'addr2line']
const MISSING = TOOLS.filter(tool => !existsSync(`/usr/bin/${tool}`))
const SKIP = { skip: MISSING.length > 0 && `there is no ${MISSING.join(', no ')}` }

for (const version of [4, 5])
  describe(`a file of symbols with DWARF ${version}`, SKIP, () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'coredog-symbols-'))
    const [program, stripped, file] = ['whole', 'stripped', 'symbols'].map(name =>
      path.join(dir, name),
    ) as Paths
    let made: SymbolFile

    before(() => {
      run('g++', '-O2', `-gdwarf-${version}`, '-ffunction-sections', '-Wl,--build-id', '-o', program, SOURCE)
      run('strip', '-o', stripped, program)
      made = symbolFile(bytesOf(readFileSync(program)))
      writeFileSync(file, made.bytes)
    })
    after(() => rmSync(dir, { recursive: true }))

    it('gives gdb names and lines of a stripped program, by its build id', () => {
      assert.doesNotMatch(stackOf(path.join(dir, 'nothing')), /load_cart/)
      const folder = path.join(dir, 'debug')
      const place = path.join(folder, '.build-id', made.buildId.slice(0, 2))
      mkdirSync(place, { recursive: true })
      writeFileSync(path.join(place, `${made.buildId.slice(2)}.debug`), made.bytes)
      const stack = stackOf(folder)
      assert.ok(placesIn(stack).length >= 3, stack)
      assert.match(stack, / in load_cart.* \(\) at .*:\d+/)
      assert.match(stack, / in main \(\) at .*throws\.cpp:\d+/)
      assert.deepEqual(
        placesIn(stack),
        placesIn(gdb(['-iex', 'set debug-file-directory /var/empty'], program)),
      )
    })

    it('gives addr2line the same as the program itself', () => {
      const symbols = run('nm', program)
        .split('\n')
        .filter(line => /^\w{16} [TtWw] /.test(line))
      const addresses = symbols.map(line => `0x${line.slice(0, 16)}`)
      const [found, expected] = [file, program].map(one =>
        run('addr2line', '-e', one, ...addresses).split('\n'),
      )
      // Of what has no line it names the file, which a symbol alone knows.
      const isLine = (_: string, index: number) => /:[1-9]/.test(expected?.[index] ?? '')
      assert.deepEqual(found?.filter(isLine), expected?.filter(isLine))
      assert.ok((found ?? []).filter(line => /throws\.cpp:\d+/.test(line)).length > 3)
    })

    it('is a small part of what the linker made', () => {
      assert.ok(made.bytes.length < readFileSync(program).length / 5, `${made.bytes.length}`)
    })

    function stackOf(folder: string): string {
      return gdb(['-iex', `set debug-file-directory ${folder}`], stripped)
    }
  })

type Paths = [program: string, stripped: string, file: string]

function gdb(options: readonly string[], program: string): string {
  const commands = ['-ex', 'run yours > /dev/null 2>&1', '-ex', 'bt']
  return run('gdb', '-batch', '-nx', '-iex', 'set debuginfod enabled off', ...options, ...commands, program)
}

/** Of the program's own frames, and of what was inlined into them. */
function placesIn(stack: string): readonly string[] {
  return [...stack.matchAll(/^#\d+ +(?:0x\w+ in )?([\w:]+).* at .*\/(.*:\d+)$/gm)].map(
    ([, name, place]) => `${name} ${place}`,
  )
}

function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  assert.equal(status, 0, `${command}: ${stderr}`)
  return stdout
}
