import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Resvg } from '@resvg/resvg-js'
import { parse, View } from 'vega'
import { compile } from 'vega-lite'
import type { Chart } from '../plots/chart.ts'
import { chartsOf } from '../plots/charts.ts'
import type { SimulationReport } from '../report.ts'

/** Pixels per unit of the drawing: sharp on dense screens. */
const PNG_ZOOM = 2

/** Draws the pictures of a report into `folder`, each as SVG and PNG; returns the paths. */
export async function writePlots(report: SimulationReport, folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  const paths: string[] = []
  for (const chart of chartsOf(report)) {
    const svg = await drawSvg(chart)
    const png = new Resvg(svg, { fitTo: { mode: 'zoom', value: PNG_ZOOM }, font: { loadSystemFonts: true } })
    for (const [ending, content] of [
      ['svg', svg],
      ['png', png.render().asPng()],
    ] as const) {
      const path = join(folder, `${chart.name}.${ending}`)
      await writeFile(path, content)
      paths.push(path)
    }
  }
  return paths
}

async function drawSvg({ spec }: Chart): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}
