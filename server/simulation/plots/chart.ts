import type { TopLevelSpec } from 'vega-lite'

/** One picture: its file name without ending, and what vega-lite draws. */
export type Chart = { readonly name: string; readonly spec: TopLevelSpec }

/** What all pictures have in common. */
export const FRAME = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  background: 'white',
  config: {
    font: 'DejaVu Sans, sans-serif',
    axis: { labelFontSize: 12, titleFontSize: 13, gridColor: '#e5e5e5' },
    legend: { labelFontSize: 12, titleFontSize: 12 },
    title: { fontSize: 15, anchor: 'start' },
  },
} as const
