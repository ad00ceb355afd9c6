import assert from 'node:assert/strict'
import { it } from 'node:test'
import { backtraceText } from '../../demo/backtrace-text.ts'
import { STORED } from '../docs/shown-notice.ts'

it('a backtrace is a line for each frame, its places below each other', () => {
  assert.equal(
    backtraceText(STORED.report),
    [
      '  #0  Basket::total() const    basket.cc:41',
      '  #1  Order::pay(Card const&)  order.cc:107',
      '  #2  serve(Request&)          main.cc:63',
      '  #3  start_thread             libc.so.6',
      '  #4  clone3                   libc.so.6',
    ].join('\n'),
  )
})

it('of a crash without a stack it is said', () => {
  assert.equal(backtraceText({ ...STORED.report, crash: {} }), '  none could be found of this program')
})
