// Takes the pictures for the docs: writes logs, starts TensorBoard, and takes screenshots of its pages
// in Chromium. `CHROMIUM` is the path of its executable. Requires TensorBoard for Python.
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonOracle } from '@elistimator/tooling/python';
import { chromium, type Page } from 'playwright-core';
import { fullRun, writeDemoLogs } from '../test/demo-logs';
import { startTensorBoard } from '../test/tensorboard-server';

const pictures = fileURLToPath(new URL('../../../docs/pictures/', import.meta.url));
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const viewport = { width: 900, height: 540 };
const MAX_BYTES = 100_000;

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // The projector and the mesh tab need WebGL, here in software.
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

/** A page, and a text that it shows once it has loaded. */
interface Picture {
  readonly name: string;
  readonly page: string;
  readonly expectedText: string;
  readonly settleSecs?: number;
}

const gallery: readonly Picture[] = [
  { name: 'scalars', page: '#scalars', expectedText: 'accuracy' },
  { name: 'images', page: '#images', expectedText: 'input' },
  { name: 'histograms', page: '#histograms', expectedText: 'dense/kernel' },
  { name: 'distributions', page: '#distributions', expectedText: 'dense/kernel' },
  { name: 'text', page: '#text', expectedText: 'notes' },
  { name: 'graph', page: `#graphs&run=${fullRun}`, expectedText: 'conv2d', settleSecs: 6 },
  { name: 'hparams', page: '#hparams', expectedText: 'learning rate' },
  { name: 'pr-curves', page: '#pr_curves', expectedText: 'validation' },
  { name: 'projector', page: '#projector', expectedText: 'hidden:00050', settleSecs: 12 },
  { name: 'audio', page: '#audio', expectedText: 'tone' },
  { name: 'mesh', page: '#mesh', expectedText: 'tetrahedron', settleSecs: 6 },
  { name: 'custom-scalars', page: '#custom_scalars', expectedText: 'loss and accuracy' },
];

/** Waits for a text in the page or, as for the projector, in one of its frames. */
const waitForText = async (page: Page, text: string): Promise<void> => {
  for (let tries = 0; tries < 120; tries++) {
    for (const frame of page.frames()) {
      if ((await frame.getByText(text).count()) > 0) return;
    }
    await page.waitForTimeout(500);
  }
  throw new Error(
    `${page.url()}: expected the text "${text}" within a minute, but it did not appear.`,
  );
};

const take = async (page: Page, url: string, picture: Picture): Promise<void> => {
  await page.goto('about:blank');
  await page.goto(url + picture.page, { waitUntil: 'load' });
  await waitForText(page, picture.expectedText);
  await page.waitForTimeout((picture.settleSecs ?? 4) * 1000);
  const path = join(pictures, `${picture.name}.png`);
  await page.screenshot({ path });
  const { size } = statSync(path);
  console.log(`${picture.name}.png: ${(size / 1000).toFixed(1)} kB`);
  if (size > MAX_BYTES)
    throw new Error(`${path}: expected at most ${MAX_BYTES} bytes, got ${size}.`);
};

const { python, reason } = await pythonOracle();
if (!python) throw new Error(`TensorBoard is not available: ${reason}`);
const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
mkdirSync(pictures, { recursive: true });
try {
  await writeDemoLogs(join(folder, 'logs'));
  // A relative path, because the pages show it.
  const server = await startTensorBoard(python, 'logs', { cwd: folder });
  if (!server) throw new Error('TensorBoard did not start.');
  const profile = join(folder, 'profile');
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: flags,
    viewport,
  });
  try {
    const page = await browser.newPage();
    const names = process.argv.slice(2);
    for (const picture of gallery) {
      if (names.length === 0 || names.includes(picture.name)) await take(page, server.url, picture);
    }
  } finally {
    await browser.close();
    await server.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
