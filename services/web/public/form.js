/** A form whose fields are the features of a model. */

const idOf = (feature) => `feature-${feature.name}`;

export function renderFields(features) {
  return features.map((feature) => {
    const field = Object.assign(document.createElement('div'), { className: 'field' });
    const label = Object.assign(document.createElement('label'), {
      htmlFor: idOf(feature),
      textContent: feature.title,
    });
    field.append(label, ...(feature.kind === 'choice' ? renderChoice(feature) : renderNumber(feature)));
    return field;
  });
}

function renderChoice(feature) {
  const select = Object.assign(document.createElement('select'), { id: idOf(feature) });
  select.append(...feature.choices.map(({ title, value }) => new Option(title, String(value))));
  return [select];
}

/** A number to type, a slider that follows it, the range seen in training, and room for what is wrong with it. */
function renderNumber({ minimum, maximum, step, unit, ...feature }) {
  const id = idOf(feature);
  const settings = { min: minimum, max: maximum, step, value: minimum };
  const number = Object.assign(document.createElement('input'), {
    type: 'number',
    id,
    inputMode: 'decimal',
    ...settings,
  });
  // A typed value may lie between two steps; only the slider moves in steps.
  number.step = 'any';
  number.required = true;
  number.setAttribute('aria-describedby', `${id}-hint ${id}-error`);
  const slider = Object.assign(document.createElement('input'), { type: 'range', ...settings });
  slider.setAttribute('aria-label', feature.title);
  slider.tabIndex = -1;
  slider.addEventListener('input', () => {
    number.value = slider.value;
    check(number);
  });
  number.addEventListener('input', () => {
    slider.value = number.value;
    check(number);
  });
  const entry = Object.assign(document.createElement('div'), { className: 'entry' });
  entry.append(number);
  if (unit) entry.append(Object.assign(document.createElement('span'), { className: 'quiet', textContent: unit }));
  const hint = Object.assign(document.createElement('p'), { className: 'hint', id: `${id}-hint` });
  hint.textContent = `${minimum} to ${maximum}`;
  const error = Object.assign(document.createElement('p'), { className: 'error', id: `${id}-error` });
  return [entry, slider, hint, error];
}

export function showValues(features, values) {
  for (const [index, feature] of features.entries()) {
    const input = document.getElementById(idOf(feature));
    if (values[index] === undefined) continue;
    input.value = String(values[index]);
    input.dispatchEvent(new Event('input'));
  }
}

/** The values in the order of the features; undefined when one is missing or out of range, which then has the focus. */
export function readValues(features) {
  const inputs = features.map((feature) => document.getElementById(idOf(feature)));
  const wrong = inputs.filter((input) => !check(input));
  wrong[0]?.focus();
  return wrong.length > 0 ? undefined : inputs.map(({ value }) => Number(value));
}

function check(input) {
  const valid = input.checkValidity();
  const error = document.getElementById(`${input.id}-error`);
  if (error) {
    input.setAttribute('aria-invalid', String(!valid));
    error.textContent = valid ? '' : `Please enter a number from ${input.min} to ${input.max}.`;
  }
  return valid;
}
