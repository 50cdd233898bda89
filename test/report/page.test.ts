import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderPage } from '../../packages/vitest-cluster/src/report/page.ts'
import { CHROMIUM, noChromium, startBrowser } from '../support/browser.ts'
import { exampleReport } from './example.ts'

/** A directory for screenshots for a person to look at; without it they go into the test's directory. */
const SCREENSHOTS = process.env['VITEST_CLUSTER_SCREENSHOTS']

describe.skipIf(!CHROMIUM)(`the report page${noChromium}`, () => {
  let browser: Browser
  let directory: string

  beforeAll(async () => {
    browser = await startBrowser()
    directory = await mkdtemp(join(tmpdir(), 'vcr-'))
  })
  afterAll(async () => {
    await browser.close()
    await rm(directory, { recursive: true, force: true })
  })

  /** Opens the page of an example; every request beyond the file itself is an error. */
  async function open(
    [services, tests]: [number, number],
    { width = 1600, theme = 'light' as 'light' | 'dark' } = {},
  ): Promise<{ page: Page; faults: string[] }> {
    const file = join(directory, `${services}-${tests}.html`)
    await writeFile(file, renderPage(exampleReport(services, tests)))
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: theme })
    const faults: string[] = []
    page.on('request', (request) => {
      if (request.url() !== `file://${file}`) faults.push(`request of ${request.url()}`)
    })
    page.on('pageerror', (error) => faults.push(`${error}`))
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text())
    })
    await page.goto(`file://${file}`)
    return { page, faults }
  }

  for (const width of [400, 1600]) {
    for (const theme of ['light', 'dark'] as const) {
      test(`is accessible and fits at ${width} px, ${theme}`, async () => {
        const { page, faults } = await open([9, 60], { width, theme })
        for (const summary of await page
          .locator(
            '#service-service0 > summary, #service-service0 details > summary, .cause summary',
          )
          .all())
          await summary.click()
        const place = SCREENSHOTS ?? directory
        await page.screenshot({ path: join(place, `report-${width}-${theme}.png`), fullPage: true })
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
        expect(overflow).toBeLessThanOrEqual(0)
        await page.addScriptTag({ content: axe.source })
        expect(await violations(page)).toEqual([])
        expect(faults).toEqual([])
        await page.close()
      })
    }
  }

  test('can be used with the keyboard only', async () => {
    const { page } = await open([3, 10])
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('To the content')
    // Every summary and every scrolling box gets the focus
    const reached = new Set<string>()
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press('Tab')
      reached.add(await page.evaluate('document.activeElement.outerHTML.slice(0, 60)'))
    }
    const wanted = await page
      .locator('summary:visible, .scroll:visible, pre:visible, input, nav a')
      .count()
    expect(reached.size).toBeGreaterThanOrEqual(wanted)
    await page.locator('#service-service1 > summary').focus()
    await page.keyboard.press('Enter')
    expect(await page.locator('#service-service1').getAttribute('open')).toBe('')
  })

  test('shows failures with their tests, and logs as text', async () => {
    const { page, faults } = await open([3, 10])
    const failure = page.locator('.failure')
    expect(await failure.count()).toBe(1)
    expect(await failure.textContent()).toContain('expected <b>1</b> to be 2')
    expect(await failure.textContent()).toContain('connection refused')
    expect(await failure.textContent()).toContain('Some lines may belong to b.test.ts > other')
    expect(await page.title()).toBe('example: 1 of 10 tests failed')
    expect(faults).toEqual([])
  })

  test('filters tests', async () => {
    const { page } = await open([3, 120])
    await page.getByRole('searchbox').fill('failed case')
    expect(await page.locator('#shown').textContent()).toBe('3 tests')
    expect(await page.locator('#all-tests tbody tr:visible').count()).toBe(3)
  })

  test('opens in time with 100 services and 1,000 tests', async () => {
    const begun = performance.now()
    const { page, faults } = await open([100, 1000])
    await page.getByRole('heading', { name: '1000 tests', exact: true }).waitFor()
    await page.locator('#service-service99 > summary').click()
    expect(await page.locator('#service-service99 dl').isVisible()).toBe(true)
    expect(await page.locator('.service').count()).toBe(100)
    expect(await page.locator('#all-tests tbody tr').count()).toBe(1000)
    // A slow machine takes two seconds; time proportional to services times tests would be minutes
    expect(performance.now() - begun).toBeLessThan(20_000)
    if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, 'report-large.png') })
    expect(faults).toEqual([])
  })
})

interface Violation {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** The violations that axe finds, one line each. */
async function violations(page: Page): Promise<string[]> {
  const result = (await page.evaluate('axe.run()')) as { violations: Violation[] }
  return result.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html} ${failureSummary}`),
  )
}
