import assert from 'node:assert/strict'
import { it } from 'node:test'
import { larkHtml } from '../../../build/pictures/lark-markup.ts'
import { slackCard } from '../../../build/pictures/slack-card.ts'
import { slackHtml } from '../../../build/pictures/slack-markup.ts'

it("Slack's markup becomes what it means", () => {
  assert.equal(
    slackHtml('*Pod*\na &amp; b <https://x.example/a|Get it> `c *d*` <!date^1^{date_num}|1970-01-01>'),
    '<b>Pod</b><br>a &amp; b <a>Get it</a> <code>c *d*</code> 1970-01-01',
  )
  assert.equal(slackHtml('```\n▸ a\n▸ b\n```'), '<pre>▸ a\n▸ b</pre>')
})

it("Feishu's markup becomes what it means, and nothing else is HTML", () => {
  assert.equal(
    larkHtml('**Pod**\n&#60;b&#62; <i> [Get it](https://x.example/)'),
    '<b>Pod</b><br>&#60;b&#62; &lt;i&gt; <a>Get it</a>',
  )
})

it('a block that the card does not know is not left out', () => {
  assert.throws(() => slackCard({ blocks: [{ type: 'video' }] }), /"video"/)
})
