import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { webLink } from '../../notify/web-link.ts'
import { inputs } from '../inputs.ts'
import { hostile, LINK } from './sample-notification.ts'

const links = [
  { name: 'a presigned URL as it is', text: LINK, link: LINK },
  {
    name: 'what ends a link, percent-encoded',
    text: 'https://a.example/(x)*\'"|<>[]`?b=(c)',
    link: 'https://a.example/%28x%29%2A%27%22%7C%3C%3E%5B%5D%60?b=%28c%29',
  },
  { name: 'an address of IPv6', text: 'http://[::1]:9000/core', link: 'http://[::1]:9000/core' },
  { name: 'no location of a store', text: 's3://cores/core.gz', link: null },
  { name: 'no script', text: 'javascript:alert(1)', link: null },
  { name: 'no path', text: '/mnt/cfs/core.gz', link: null },
  { name: 'nothing endless', text: `https://a.example/${'a'.repeat(10_000)}`, link: null },
  { name: 'nothing', text: null, link: null },
]
for (const { name, text, link } of links) {
  it(`webLink() gives ${name}`, () => assert.equal(webLink(text), link))
}

it('webLink() lets nothing through that ends a link in any chat', () => {
  fc.assert(
    fc.property(hostile, hostile, (path, query) => {
      const link = webLink(`https://cores.example/${path.slice(0, 500)}?${query.slice(0, 500)}`)
      if (link !== null) assert.doesNotMatch(link, /[\s<>()[\]|"'`*]/)
    }),
    inputs(2000),
  )
})
