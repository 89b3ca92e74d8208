import type { Identity } from '../../kit/config.ts';

/** The page. What depends on a model is filled in by public/app.js from the model's own metadata. */
export function renderPage({ environment, release }: Identity): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="Ask small, honest models for a prediction and say whether it helped.">
<title>Slipway – predictions</title>
<link rel="icon" href="/public/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/public/style.css">
<script type="module" src="/public/app.js"></script>
</head>
<body>
<a class="skip" href="#predict">Skip to the prediction</a>
<header class="top">
  <img src="/public/icon.svg" alt="" width="36" height="36">
  <p class="brand">Slipway</p>
  <p class="badge" data-environment="${escapeHtml(environment)}">${escapeHtml(environment)}</p>
</header>
<main id="predict">
  <section class="intro">
    <h1>What would you like to know?</h1>
    <p>Choose a question, describe your case, and get an answer within a moment. Each model says how often it is wrong.</p>
  </section>
  <noscript><p class="notice">This page asks the models with JavaScript, which is switched off in your browser.</p></noscript>
  <p id="status" class="notice" role="status">Looking up the models …</p>
  <div id="models" class="models" role="radiogroup" aria-label="Question" hidden></div>
  <div id="work" class="work" hidden>
    <form id="form" class="card" novalidate>
      <h2 id="form-title"></h2>
      <p id="form-description" class="quiet"></p>
      <div id="examples" class="examples" aria-label="Examples"></div>
      <div id="fields" class="fields"></div>
      <button class="primary" type="submit">Predict</button>
    </form>
    <section id="answer" class="card answer" aria-live="polite" aria-labelledby="answer-title">
      <h2 id="answer-title"></h2>
      <div id="result"><p class="quiet">Your prediction will appear here.</p></div>
      <form id="feedback" hidden>
        <h3>Was this helpful?</h3>
        <div class="ratings">
          <label><input type="radio" name="rating" value="helpful" required> Yes, it looks right</label>
          <label><input type="radio" name="rating" value="wrong"> No, it looks wrong</label>
        </div>
        <label class="comment">Anything to add? <span class="quiet">(optional)</span>
          <textarea name="comment" rows="2" maxlength="1000"></textarea></label>
        <button type="submit">Send feedback</button>
        <p id="feedback-status" role="status"></p>
      </form>
      <details id="about"><summary>How good is this model?</summary><div id="quality"></div></details>
    </section>
  </div>
</main>
<footer>
  <p>Environment <strong>${escapeHtml(environment)}</strong> · Release <code title="${escapeHtml(release)}">${escapeHtml(release.slice(0, 12))}</code></p>
  <p>Feedback is kept for 180 days, together with what you entered. Please leave out personal data.</p>
</footer>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
