import assert from 'node:assert/strict'
import { it } from 'node:test'
import { dashboardDrawn } from '../../../build/pictures/dashboard.ts'
import { recordedPanels } from '../../../build/pictures/dashboard-record.ts'

it('each panel of the picture has something to show', () => {
  const panels = recordedPanels()
  assert.equal(panels.length, 15)
  for (const { title, series } of panels) assert.ok(series.length > 0, `${title}: run \`npm run pictures\``)
})

it('dashboardDrawn() draws what a series is called, and nothing that it could have in it', () => {
  const series = [{ name: '<b>&', values: [1, null, 3] }]
  const panel = { title: 'a < b', unit: 's', isNumber: false, isStacked: true, series }
  const svg = dashboardDrawn([panel, { ...panel, isNumber: true }])
  assert.match(svg, /<text class="title" [^>]*>a &lt; b</)
  assert.match(svg, /<tspan>&lt;b&gt;&amp;</)
  assert.match(svg, /<polyline stroke="#0969da" points="0\.0,68\.0 109\.0,102\.0 218\.0,0\.0"/)
  assert.match(svg, /<text class="number" [^>]*>3</)
})
