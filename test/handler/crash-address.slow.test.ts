import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { it, type TestContext } from 'node:test'
import { temporaryFolder } from '../fakes/core-file.ts'
import { functionAt } from './addr2line.ts'
import { crashUnderGdb } from './gdb-core.ts'

const GO = 'package main\n\n//go:noinline\nfunc charge(p *int) { *p = 1 }\n\nfunc main() { charge(nil) }\n'
const RUST =
  '#[no_mangle]\n#[inline(never)]\npub fn charge(p: *mut u64) { unsafe { *p = 1 } }\n' +
  'fn main() { charge(std::env::args().count() as *mut u64) }\n'

it("crash.address is what addr2line wants of Go's programs", async test => {
  const compiler = { name: 'go', args: ['build', '-o', 'shop', 'shop.go'], source: GO }
  await findsTheFunction(test, 'main.charge', [compile(test, compiler)])
})

/** Rust takes LLD by itself on x86-64 since 1.90. Its segments lie elsewhere in the file than in memory. */
it("crash.address is what addr2line wants of Rust's programs", async test => {
  const compiler = { name: 'rustc', args: ['-O', '-g', '-o', 'shop', 'shop.rs'], source: RUST }
  await findsTheFunction(test, 'charge', [compile(test, compiler)])
})

it('crash.address is what addr2line wants of Node.js', async test => {
  const abort = ['--abort-on-uncaught-exception', '-e', 'throw new Error()']
  await findsTheFunction(test, 'v8::base::OS::Abort()', [process.execPath, ...abort])
})

async function findsTheFunction(test: TestContext, name: string, [program, ...args]: (string | null)[]) {
  if (program == null) return test.skip('there is no compiler for it')
  const crash = await crashUnderGdb(temporaryFolder(test), [program, ...args.map(String)])
  if (crash === null) return test.skip('there is no gdb, or ptrace is not allowed here')
  const { module, address } = crash.site
  assert.equal(module, program)
  assert.equal(functionAt(program, address), name)
}

interface Compiler {
  readonly name: string
  readonly args: readonly string[]
  readonly source: string
}

/** Path of the program, or `null` where there is no such compiler. */
function compile(test: TestContext, { name, args, source }: Compiler): string | null {
  const cwd = temporaryFolder(test)
  writeFileSync(path.join(cwd, args.at(-1) ?? ''), source)
  return spawnSync(name, args, { cwd }).status === 0 ? path.join(cwd, 'shop') : null
}
