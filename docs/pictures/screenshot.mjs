// Takes the picture of the console's first page, once all its pictures are there:
// node docs/pictures/screenshot.mjs ADDRESS FILE
import { chromium } from '../../console/node_modules/playwright-core/index.mjs';

const [address, file] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' });
const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, deviceScaleFactor: 2 });
await page.goto(`${address}/console/`);
await page.locator('.grid-card img').first().waitFor();
await page.waitForFunction(() => {
  const pictures = [...document.querySelectorAll('.grid-card img')];
  const seen = pictures.filter((picture) => picture.getBoundingClientRect().top < innerHeight);
  return seen.length > 20 && seen.every((picture) => picture.complete && picture.naturalWidth > 0);
});
await page.screenshot({ path: file });
await browser.close();
