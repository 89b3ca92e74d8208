import { isComplete, readDataset } from '../data.ts';
import type { Row, Task } from '../task.ts';

const SPECIES = ['Adelie', 'Chinstrap', 'Gentoo'];

/** Species of a penguin from four measurements. */
export const penguinSpecies: Task = {
  name: 'penguin-species',
  version: '1',
  title: 'Penguin species',
  description: 'Which of three Antarctic species a penguin belongs to, from four measurements.',
  features: [
    {
      kind: 'number',
      name: 'beak_length_mm',
      title: 'Beak length',
      unit: 'mm',
      minimum: 32.1,
      maximum: 59.6,
      step: 0.1,
    },
    { kind: 'number', name: 'beak_depth_mm', title: 'Beak depth', unit: 'mm', minimum: 13.1, maximum: 21.5, step: 0.1 },
    { kind: 'number', name: 'flipper_length_mm', title: 'Flipper', unit: 'mm', minimum: 172, maximum: 231, step: 1 },
    { kind: 'number', name: 'body_mass_g', title: 'Body mass', unit: 'g', minimum: 2700, maximum: 6300, step: 25 },
  ],
  output: { name: 'probabilities', title: 'Species', unit: 'probability', labels: SPECIES },
  tolerance: { absolute: 0.01, relative: 0 },
  path: '/v1/score/infer',
  examples: [
    { title: 'Gentoo', values: [47.5, 15, 217, 5100] },
    { title: 'Adelie', values: [38.5, 18.5, 188, 3700] },
  ],
  data: {
    source: 'Palmer Station Antarctica LTER and Dr. Kristen Gorman, through vega-datasets penguins.json',
    licence: 'CC0-1.0',
    url: 'https://github.com/allisonhorst/palmerpenguins',
  },
  rows,
  head: 'softmax',
  hidden: [8],
  training: { epochs: 150, batchSize: 16, learningRate: 0.01, weightDecay: 0.02 },
};

function rows(): Row[] {
  return readDataset('penguins.json').flatMap((penguin) => {
    const values = [
      penguin['Beak Length (mm)'],
      penguin['Beak Depth (mm)'],
      penguin['Flipper Length (mm)'],
      penguin['Body Mass (g)'],
    ];
    const target = SPECIES.map((species) => (penguin['Species'] === species ? 1 : 0));
    return isComplete(values) && target.includes(1) ? [{ values, target }] : [];
  });
}
