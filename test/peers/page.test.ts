import { localProject } from '../../local/cli/cloud/project.ts';
import { baseUrl } from '../../pipeline/manifest/names.ts';
import { openPage, type Page } from '../support/browser.ts';
import { createHome, type TestHome } from '../support/home.ts';

let home: TestHome;
let page: Page;

beforeAll(async () => {
  home = createHome();
  const { code, stdout } = await home.run(['up']);
  if (code !== 0) throw new Error(stdout);
  page = await openPage(`${baseUrl(localProject(home.cloud().ports), 'production')}/`);
}, 240_000);

afterAll(async () => {
  await page?.close();
  await home.remove();
}, 60_000);

const text = (selector: string): Promise<string> =>
  page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`);

test('a person picks a model, gets a prediction and leaves feedback that is counted', async () => {
  await page.until(`document.querySelectorAll('input[name=model]').length >= 2`);
  await page.evaluate(`document.querySelector('input[name=model][value="fuel-economy"]').click()`);
  expect(await text('#form-title')).toBe('Fuel economy');
  await page.evaluate(`document.querySelector('#form button.primary').click()`);
  await page.until(`/\\d/.test(document.querySelector('#result').textContent)`);
  await page.until(`!document.querySelector('#feedback').hidden`);
  await page.evaluate(`document.querySelector('#feedback input[name=rating]').click()`);
  await page.evaluate(`document.querySelector('#feedback').requestSubmit()`);
  await page.until(`/Thank you/.test(document.querySelector('#feedback-status').textContent)`);
  expect(await text('#feedback-status')).toMatch(/of 1 people/);
}, 60_000);

test('the page says which release and environment it is', async () => {
  expect(await text('footer')).toMatch(/production.*[0-9a-f]{7}/is);
});
