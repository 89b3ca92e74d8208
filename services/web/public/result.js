/** How an answer and the quality of a model are told to people. */

export function renderResult(container, model, { name, data }) {
  const { unit, labels } = model.parameters.outputs[name];
  if (labels) return container.replaceChildren(...data.map((value, index) => renderShare(value, labels[index])));
  if (unit === 'probability')
    return container.replaceChildren(figure(percent(data[0])), renderMeter(data[0], 'Probability'));
  return container.replaceChildren(figure(readable(data[0])), text('p', unit, 'unit'));
}

/** The error on rows that training never saw, beside that of always answering the average. */
export function renderQuality(container, model) {
  const { metrics, data, version } = model.parameters;
  const known = metrics.trainingRows.toLocaleString('en');
  const unseen = metrics.heldOutRows.toLocaleString('en');
  const better = Math.round((1 - metrics.model / metrics.baseline) * 100);
  container.replaceChildren(
    text('p', `It learned from ${known} real cases and was tested on ${unseen} others that it had never seen.`),
    text(
      'p',
      `Its error there (${metrics.error}) is ${metrics.model}; that of always answering the average is ${metrics.baseline}. It is ${better} % better than that.`,
    ),
    text('p', `Version ${version}. Data: ${data.source}. ${data.licence}.`, 'quiet'),
  );
}

function renderShare(value, label) {
  const line = text('p', `${label}: ${percent(value)}`);
  line.append(renderMeter(value, label));
  return line;
}

function renderMeter(value, label) {
  const meter = Object.assign(document.createElement('meter'), { min: 0, max: 1, value });
  meter.setAttribute('aria-label', `${label}: ${percent(value)}`);
  return meter;
}

function figure(content) {
  return text('p', content, 'figure');
}

function text(tag, content, className = '') {
  return Object.assign(document.createElement(tag), { textContent: content, className });
}

function percent(share) {
  return `${(share * 100).toLocaleString('en', { maximumFractionDigits: 1 })} %`;
}

function readable(value) {
  return value.toLocaleString('en', { maximumFractionDigits: 1 });
}
