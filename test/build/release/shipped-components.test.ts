import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { readPins } from '../../../build/debian/pins.ts'
import { libraryOf, packagesOf } from '../../../build/release/shipped-components.ts'

const PIN = path.resolve(import.meta.dirname, '../../../handler/native/isal.txt')

it('has the library of the addon, by its pin', () => {
  const pin = readFileSync(PIN, 'utf8')
  const { version, purl } = libraryOf(pin)
  assert.match(version, /^\d+\.\d+\.\d+$/)
  assert.ok(pin.includes(purl.replace('pkg:pypi/isal@', 'isal==')))
})

it('says so when the pin cannot be read', () => {
  assert.throws(() => libraryOf('isal>=1\n'), /^Error: Cannot tell which ISA-L this is/)
})

it('has what the image has of Debian, for both architectures', async () => {
  const pins = await readPins()
  const packages = packagesOf(pins)
  assert.equal(packages.length, pins.packages.x64.length + pins.packages.arm64.length)
  assert.equal(new Set(packages.map(({ purl }) => purl)).size, packages.length)
  const [library] = packages.filter(({ name }) => name === 'libstdc++6')
  assert.match(library?.purl ?? '', /^pkg:deb\/debian\/libstdc%2B%2B6@12[^+]+\?arch=amd64&distro=bookworm$/)
})
