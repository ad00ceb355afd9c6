import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { ownArchitecture } from '../../build/node-binary.ts'
import { readNeeds } from '../../build/program-needs.ts'
import { explain } from '../../installer/node/why-not-run.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const LOADERS = { x64: '/lib64/ld-linux-x86-64.so.2', arm64: '/lib/ld-linux-aarch64.so.1' }

// The handler is this very file, with a script put into it.
const node = readFileSync(path.join(ROOT, `node_modules/node-linux-${ownArchitecture()}/bin/node`))

// What RHEL 8 has, and so every system that is not older: glibc 2.28, and the C++ library of GCC 8.
const NEWEST: Readonly<Record<string, string>> = {
  GLIBC: '2.28',
  GLIBCXX: '3.4.25',
  CXXABI: '1.3.11',
  GCC: '8.0.0',
}

it('names the loader and the libraries of a program', () => {
  const { loader, libraries } = readNeeds(node)
  assert.equal(loader, LOADERS[ownArchitecture()])
  assert.deepEqual(
    libraries.filter(name => !name.startsWith('ld-linux')),
    ['libdl.so.2', 'libstdc++.so.6', 'libm.so.6', 'libgcc_s.so.1', 'libpthread.so.0', 'libc.so.6'],
  )
})

it('the Node that the handler is made of asks for no newer system than RHEL 8', () => {
  const { versions } = readNeeds(node)
  assert.ok(versions.includes('GLIBC_2.28'))
  assert.deepEqual(versions.filter(isTooNew), [])
})

it('the message about an old C library names the version that is asked for', () => {
  const stderr = "/lib64/libc.so.6: version `GLIBC_2.28' not found (required by coredog-handler)"
  const { hint } = explain({ exitCode: 1, stdout: '', stderr }, { noexec: false, selinuxEnforcing: false })
  const newest = readNeeds(node)
    .versions.filter(version => version.startsWith('GLIBC_'))
    .map(version => version.slice('GLIBC_'.length))
    .toSorted(byVersion)
    .at(-1)
  assert.ok(hint.includes(`glibc ${newest} `), hint)
})

it('refuses what is no program', () => {
  assert.throws(() => readNeeds(Buffer.from('#!/bin/sh\n')), /not a 64-bit ELF file/)
  assert.throws(() => readNeeds(node.subarray(0, 100)), /ends within the headers/)
})

function isTooNew(version: string): boolean {
  const [family = '', number = ''] = version.split('_')
  const newest = NEWEST[family]
  return newest === undefined || byVersion(number, newest) > 0
}

function byVersion(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}
