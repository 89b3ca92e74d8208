import { isComplete, readDataset } from '../data.ts';
import type { Row, Task } from '../task.ts';

const ORIGINS = ['USA', 'Europe', 'Japan'];

/** Miles per gallon of a car of the 1970s from its technical data. */
export const fuelEconomy: Task = {
  name: 'fuel-economy',
  version: '1',
  title: 'Fuel economy',
  description: 'How far a car of 1970 to 1982 goes on a gallon, from its technical data.',
  features: [
    { kind: 'number', name: 'cylinders', title: 'Cylinders', unit: '', minimum: 3, maximum: 8, step: 1 },
    { kind: 'number', name: 'displacement', title: 'Displacement', unit: 'in³', minimum: 68, maximum: 455, step: 1 },
    { kind: 'number', name: 'horsepower', title: 'Power', unit: 'hp', minimum: 46, maximum: 230, step: 1 },
    { kind: 'number', name: 'weight', title: 'Weight', unit: 'lb', minimum: 1613, maximum: 5140, step: 1 },
    { kind: 'number', name: 'acceleration', title: '0 to 60 mph', unit: 's', minimum: 8, maximum: 24.8, step: 0.1 },
    { kind: 'number', name: 'model_year', title: 'Model year', unit: '', minimum: 1970, maximum: 1982, step: 1 },
    {
      kind: 'choice',
      name: 'origin',
      title: 'Built in',
      choices: ORIGINS.map((title, value) => ({ title, value })),
    },
  ],
  output: { name: 'miles_per_gallon', title: 'Expected fuel economy', unit: 'miles per gallon' },
  tolerance: { absolute: 0.1, relative: 0.01 },
  examples: [
    { title: 'Light car', values: [4, 97, 67, 2065, 17.8, 1980, 2] },
    { title: 'Heavy car', values: [8, 400, 175, 4464, 11.5, 1971, 0] },
  ],
  data: {
    source: 'StatLib cars data (1982) through vega-datasets cars.json',
    licence: 'Distributed for educational and scientific purposes',
    url: 'http://lib.stat.cmu.edu/datasets/cars.desc',
  },
  rows,
  head: 'identity',
  hidden: [16, 8],
  training: { epochs: 300, batchSize: 16, learningRate: 0.004, weightDecay: 0.02 },
};

function rows(): Row[] {
  return readDataset('cars.json').flatMap((car) => {
    const values = [
      car['Cylinders'],
      car['Displacement'],
      car['Horsepower'],
      car['Weight_in_lbs'],
      car['Acceleration'],
      Number(String(car['Year']).slice(0, 4)),
      ORIGINS.indexOf(String(car['Origin'])),
    ];
    const target = [car['Miles_per_Gallon']];
    return isComplete(values) && isComplete(target) ? [{ values, target }] : [];
  });
}
