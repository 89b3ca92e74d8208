/** Asks the inference service on the same origin; everything about a model comes from its own metadata. */
import { readValues, renderFields, showValues } from './form.js';
import { request } from './request.js';
import { renderQuality, renderResult } from './result.js';

const element = (id) => document.getElementById(id);
const status = element('status');
const feedbackForm = element('feedback');

/** The model that the form is about, and its latest answer. */
const current = { model: undefined, features: [], values: [], prediction: [] };

await start();

async function start() {
  element('form').addEventListener('submit', predict);
  feedbackForm.addEventListener('submit', sendFeedback);
  try {
    const index = await request('POST', '/v2/repository/index');
    const names = [...new Set(index.filter(({ state }) => state === 'READY').map(({ name }) => name))];
    if (names.length === 0) throw new Error('No model is ready yet. Please try again in a moment.');
    const models = await Promise.all(names.map((name) => request('GET', `/v2/models/${encodeURIComponent(name)}`)));
    showModels(models);
  } catch (error) {
    tell(error.message, true);
  }
}

function showModels(models) {
  const cards = models.map((model, index) => {
    const label = document.createElement('label');
    const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'model', value: model.name });
    input.checked = index === 0;
    input.addEventListener('change', () => choose(model));
    const title = Object.assign(document.createElement('strong'), { textContent: model.parameters.title });
    const text = Object.assign(document.createElement('span'), { textContent: model.parameters.description });
    label.append(input, title, text);
    return label;
  });
  element('models').replaceChildren(...cards);
  element('models').hidden = false;
  element('work').hidden = false;
  status.hidden = true;
  choose(models[0]);
}

function choose(model) {
  const { title, description, examples, features, outputs } = model.parameters;
  current.model = model;
  current.features = features[model.inputs[0].name];
  element('form-title').textContent = title;
  element('form-description').textContent = description;
  element('answer-title').textContent = outputs[model.outputs[0].name].title;
  element('fields').replaceChildren(...renderFields(current.features));
  element('examples').replaceChildren(...examples.map(renderExample));
  showValues(current.features, examples[0]?.values ?? []);
  renderQuality(element('quality'), model);
  const hint = Object.assign(document.createElement('p'), { className: 'quiet' });
  hint.textContent = 'Your prediction will appear here.';
  element('result').replaceChildren(hint);
  feedbackForm.hidden = true;
}

function renderExample({ title, values }) {
  const button = Object.assign(document.createElement('button'), { type: 'button', textContent: title });
  button.addEventListener('click', () => showValues(current.features, values));
  return button;
}

async function predict(event) {
  event.preventDefault();
  const values = readValues(current.features);
  if (!values) return;
  const { model } = current;
  const button = event.submitter ?? event.target.querySelector('button.primary');
  button.disabled = true;
  try {
    const input = {
      name: model.inputs[0].name,
      shape: [1, values.length],
      datatype: model.inputs[0].datatype,
      data: values,
    };
    const answer = await request('POST', `/v2/models/${encodeURIComponent(model.name)}/infer`, { inputs: [input] });
    Object.assign(current, { values, prediction: answer.outputs[0].data, version: answer.model_version });
    renderResult(element('result'), model, answer.outputs[0]);
    feedbackForm.reset();
    element('feedback-status').textContent = '';
    feedbackForm.hidden = false;
    status.hidden = true;
    element('answer').scrollIntoView({ block: 'nearest' });
  } catch (error) {
    tell(error.message, true);
  } finally {
    button.disabled = false;
  }
}

async function sendFeedback(event) {
  event.preventDefault();
  const line = element('feedback-status');
  const { rating, comment } = Object.fromEntries(new FormData(feedbackForm));
  const { model, version, values, prediction } = current;
  try {
    await request('POST', '/feedback', { model: model.name, version, rating, comment, values, prediction });
    feedbackForm.reset();
    const { total, helpful } = await request('GET', `/feedback/summary?model=${encodeURIComponent(model.name)}`);
    line.className = '';
    line.textContent = `Thank you. ${helpful} of ${total} people found this model helpful.`;
  } catch (error) {
    line.className = 'bad';
    line.textContent = `Not sent: ${error.message}`;
  }
}

function tell(message, bad = false) {
  status.textContent = message;
  status.classList.toggle('bad', bad);
  status.hidden = false;
}
