import { expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { VERSION } from '../../protocol/version.ts'

it('is the version in package.json', () => expect(VERSION).toBe(packageJson.version))
