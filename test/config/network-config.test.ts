import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'
import { OperatorError } from '../../crash/errors.ts'
import { privateAuthority } from '../fakes/private-authority.ts'

const { certificate } = await privateAuthority()

function networkOf(text: string) {
  return parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\nnetwork:\n${text}`).config.network
}

function refusal(text: string): OperatorError {
  try {
    networkOf(text)
  } catch (error) {
    assert.ok(error instanceof OperatorError)
    return error
  }
  return assert.fail('nothing was refused')
}

it('parseConfig() takes the certificates of network.caBundle', () => {
  const indented = certificate.trim().replaceAll('\n', '\n    ')
  assert.equal(
    networkOf(`  caBundle: |\n    # ours\n    ${indented}\n    ${indented}\n`).authorities.length,
    2,
  )
})

it('parseConfig() refuses a caBundle that is none', () => {
  const { message, hint } = refusal('  caBundle: MIIB\n')
  assert.match(message, /network\.caBundle holds no certificate in PEM form$/)
  assert.match(hint, /BEGIN CERTIFICATE/)
  const broken = certificate
    .replace(/\n[^-\n]+/, '')
    .trim()
    .replaceAll('\n', '\n    ')
  assert.match(
    refusal(`  caBundle: |\n    ${broken}\n`).message,
    /holds a certificate that is broken, the 1\. in it$/,
  )
})

for (const [written, url] of [
  ['http://proxy.example:3128', 'http://proxy.example:3128/'],
  ['https://user:p%40ss@proxy.example', 'https://user:p%40ss@proxy.example/'],
  ['http://[fd00::1]:3128/', 'http://[fd00::1]:3128/'],
] as const) {
  it(`parseConfig() takes ${written} for a proxy`, () => {
    assert.equal(networkOf(`  proxy: "${written}"\n`).proxy, url)
  })
}

for (const written of [
  'proxy.example:3128',
  'socks5://p:1080',
  'http://p:3128/path',
  'http://',
  'http://s3cret:x@p?q',
]) {
  it(`parseConfig() refuses ${written} as a proxy, and does not show it`, () => {
    const { message, hint } = refusal(`  proxy: "${written}"\n`)
    assert.match(message, /network\.proxy is a value that is not shown/)
    assert.doesNotMatch(message + hint, /s3cret|socks5/)
  })
}

it('parseConfig() reads noProxy as a list, and as NO_PROXY has it', () => {
  const all = ['10.0.0.0/8', '.example', '[fd00::1]:443']
  assert.deepEqual(networkOf(`  noProxy: ["10.0.0.0/8", .example, "[fd00::1]:443"]\n`).noProxy, all)
  assert.deepEqual(networkOf(`  noProxy: "10.0.0.0/8, .example,[fd00::1]:443"\n`).noProxy, all)
  assert.match(refusal('  noProxy: ["http://user@x?y"]\n').message, /network\.noProxy holds/)
})
