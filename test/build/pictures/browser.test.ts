import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Browser } from '../../../build/pictures/browser.ts'
import { page } from '../../../build/pictures/html.ts'
import { pixelsOf } from '../../../build/pictures/png-pixels.ts'
import { OperatorError } from '../../../crash/errors.ts'

it('without a browser it is said what to install', () => {
  assert.throws(
    () => new Browser(['/nowhere']),
    (error: unknown) => error instanceof OperatorError && /apt-get install chromium/.test(error.hint),
  )
})

it('a picture is as large as what it shows, with two pixels for one', { skip: whyNoBrowser() }, async () => {
  const shown = page('main { width: 50px; height: 41px; background: #123456 }', '<main></main>')
  const { width, height, bytes } = pixelsOf(await new Browser().pictureOf(shown))
  assert.deepEqual([width, height, bytes.toString('hex', 0, 3)], [100, 82, '123456'])
  assert.equal(bytes.toString('hex', bytes.length - 3), '123456')
})

function whyNoBrowser(): string | false {
  try {
    return new Browser() && false
  } catch (error) {
    return (error as Error).message
  }
}
