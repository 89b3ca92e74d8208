/** One page without anything to load: it asks for itself again until the services answer in its place. */
export const page = (number: number, seconds: number): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="${seconds}">
<title>Waking up: pull request ${number}</title>
<style>body{font:1.1rem system-ui;display:grid;place-content:center;min-height:90vh;text-align:center}</style>
<main>
<h1>Waking up</h1>
<p>Nobody looked at the preview of pull request ${number} for a while, so it sleeps.<br>It is being started; this page shows it as soon as it is there.</p>
</main>
</html>
`;
