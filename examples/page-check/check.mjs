// Opens each page from disk at the widths of a desktop, a tablet and a phone, and tells what stands in a reader's way.
// Usage: node check.mjs PAGE.html...   The browser is CHROMIUM, or /usr/bin/chromium.
// Ends with 1 if a page asks for anything outside itself, breaks its own policy, is wider than the screen, has a
// serious or critical finding of axe-core, or takes a second or more to open.
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axePath = require.resolve("axe-core/axe.min.js");
const WIDTHS = { desktop: 1280, tablet: 800, phone: 360 };
const SLOWEST_IN_MS = 1000;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Everything that the page asked for and everything that went wrong while it opened. */
const listen = (page) => {
  const told = { requests: [], errors: [] };
  page.on("request", (request) => told.requests.push(request.url()));
  page.on("pageerror", (error) => told.errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") told.errors.push(message.text());
  });
  return told;
};

const loadTime = (page) =>
  page.evaluate(() => {
    const [entry] = performance.getEntriesByType("navigation");
    return entry.loadEventEnd - entry.startTime;
  });

/** Opens what is folded, so that all of it is looked at. */
const unfold = (page) =>
  page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));

const findings = async (page) => {
  // Through the debugger: the page's own policy allows no script but its own.
  await page.addScriptTag({ path: axePath });
  const { violations, incomplete } = await page.evaluate(
    (tags) => window.axe.run(document, { runOnly: tags }),
    TAGS,
  );
  return { violations, incomplete };
};

/** Contrast of all letters inside drawings with the shape they stand on; axe-core leaves drawings to people. */
const inDrawings = (page) =>
  page.evaluate(() => {
    const channels = (colour) => colour.match(/[\d.]+/g).slice(0, 3).map(Number);
    const luminance = (colour) => {
      const [r, g, b] = channels(colour)
        .map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (one, other) => {
      const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
      return (high + 0.05) / (low + 0.05);
    };
    let least = Infinity;
    let letters = 0;
    for (const svg of document.querySelectorAll("svg")) {
      for (const text of svg.querySelectorAll("text")) {
        const box = text.getBoundingClientRect();
        text.scrollIntoView({ block: "center", inline: "center" });
        const at = text.getBoundingClientRect();
        const under = document
          .elementsFromPoint(at.x + at.width / 2, at.y + at.height / 2)
          .find((shape) => svg.contains(shape) && /^(rect|path|circle|polygon)$/.test(shape.tagName)
            && /^rgb\(/.test(getComputedStyle(shape).fill));
        const ground = under ? getComputedStyle(under).fill : "rgb(255, 255, 255)";
        if (box.width > 0) {
          least = Math.min(least, contrast(getComputedStyle(text).fill, ground));
          letters += 1;
        }
      }
    }
    return { least, letters };
  });

/** Every control can be reached with the Tab key, and shows that it is. */
const keyboard = async (page) => {
  await page.evaluate(() => window.scrollTo(0, 0));
  const controls = await page.locator("a[href], button, select, summary, [tabindex='0']").filter({ visible: true }).count();
  let seen = 0;
  let unseen = 0;
  await page.evaluate(() => document.activeElement?.blur());
  for (let press = 0; press < controls + 5; press += 1) {
    await page.keyboard.press("Tab");
    const outline = await page.evaluate(() => {
      const at = document.activeElement;
      return at && at !== document.body ? getComputedStyle(at).outlineStyle : null;
    });
    if (outline === null) break;
    seen += 1;
    if (outline === "none") unseen += 1;
  }
  return { controls, seen, unseen };
};

const wider = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Drawings that are on the screen, and those of them that scroll sideways. */
const sideways = (page) =>
  page.evaluate(() => {
    const drawings = [...document.querySelectorAll(".drawing")].filter((drawing) => drawing.clientWidth > 0);
    const wide = drawings.filter((drawing) => drawing.scrollWidth > drawing.clientWidth);
    return { drawings: drawings.length, wide: wide.length };
  });

const check = async (browser, file) => {
  let failed = false;
  for (const [name, width] of Object.entries(WIDTHS)) {
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    const page = await context.newPage();
    const told = listen(page);
    const url = pathToFileURL(resolve(file)).href;
    const times = [];
    for (let run = 0; run < 5; run += 1) {
      await page.goto(url, { waitUntil: "load" });
      await page.waitForFunction(() => performance.getEntriesByType("navigation")[0].loadEventEnd > 0);
      times.push(await loadTime(page));
    }
    const slowest = Math.max(...times);
    const outside = told.requests.filter((request) => request !== url);
    await unfold(page);
    const overflow = await wider(page);
    const figures = await sideways(page);
    const keys = await keyboard(page);
    const drawings = await inDrawings(page);
    const errors = [...told.errors];
    await context.close();

    // Axe-core comes in from outside, which the page forbids; so a second time without the page's policy.
    const open = await browser.newContext({ viewport: { width, height: 900 }, bypassCSP: true });
    const again = await open.newPage();
    await again.goto(url, { waitUntil: "load" });
    await unfold(again);
    const { violations, incomplete } = await findings(again);
    await open.close();

    const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    const count = (impact) => violations.filter((one) => one.impact === impact).length;
    console.log(`${file}, ${name} (${width} px)`);
    console.log(`  opens in ${slowest.toFixed(0)} ms at most of ${times.length}; asks for ${outside.length} other things; errors: ${errors.length}`);
    console.log(`  wider than the screen by ${overflow} px; controls ${keys.controls}, reached ${keys.seen}, without visible focus ${keys.unseen}`);
    console.log(`  drawings on the screen: ${figures.drawings}, of which scroll sideways ${figures.wide}`);
    console.log(`  letters in drawings: ${drawings.letters}, least contrast ${drawings.least.toFixed(2)}`);
    console.log(`  axe-core: critical ${count("critical")}, serious ${count("serious")}, moderate ${count("moderate")}, minor ${count("minor")}, for a person to look at ${incomplete.length}`);
    const tell = (what, { id, help, nodes }) =>
      console.log(`    ${what}: ${id}: ${help} (${nodes.length}), such as ${nodes[0].target.join(" ")}`);
    violations.forEach((one) => tell(one.impact, one));
    incomplete.forEach((one) => tell("to look at", one));
    errors.forEach((error) => console.log(`    ${error}`));
    failed ||= grave.length > 0 || outside.length > 0 || errors.length > 0 || overflow > 0 || keys.unseen > 0
      || keys.seen < keys.controls || drawings.least < 4.5 || slowest >= SLOWEST_IN_MS;
  }
  return failed;
};

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("check.mjs: no page given, expected at least one HTML file");
  process.exit(2);
}
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" });
let failed = false;
for (const file of files) failed = (await check(browser, file)) || failed;
await browser.close();
process.exit(failed ? 1 : 0);
