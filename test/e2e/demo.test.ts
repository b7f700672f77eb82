import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const GODWIT = fileURLToPath(new URL('../../cli/godwit.js', import.meta.url))

describe('npm run lab -- --once --json', () => {
  it('prints one document: two nodes ready, one process placed once', async () => {
    const { status, stdout, stderr } = await new Promise<{ status: number; stdout: string; stderr: string }>(
      resolve => {
        const options = { maxBuffer: 1 << 24 }
        execFile(
          process.execPath,
          [GODWIT, 'lab', 'demo', '--once', '--json'],
          options,
          (error, stdout, stderr) =>
            resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
        )
      },
    )
    expect(status, stderr).toBe(0)
    const report = JSON.parse(stdout)
    expect(report.nodes.map((node: { state: string }) => node.state)).toEqual(['ready', 'ready'])
    expect(report.nodes.map((node: { firmware: string }) => node.firmware).sort()).toEqual(['bios', 'uefi'])
    for (const node of report.nodes) {
      expect(node.image.digest).toBe(report.image.digest)
      expect(node.hardware.cpu.model).not.toBe('')
      expect(node.boot.stages.at(-1)).toMatchObject({ name: 'ready', atMs: expect.any(Number) })
    }
    expect(report.processes).toHaveLength(1)
    const [one] = report.processes
    expect(one).toMatchObject({ exitStatus: 0, placements: 1 })
    expect(one.threads).toBeGreaterThanOrEqual(8)
    expect(report.nodes.map((node: { id: string }) => node.id)).toContain(one.node)
    expect(one.stdout).toContain('threads=8')
    expect(report.seconds).toMatchObject({
      imageBuild: expect.any(Number),
      bootBios: expect.any(Number),
      bootUefi: expect.any(Number),
    })
  })
})
