import type { Manifest } from '../../pipeline/manifest/types.ts';
import { CloudwatchDashboard, Construct } from '../cdktf.ts';
import { type Measured, type Metric, serviceMetrics } from './service-metrics.ts';

interface DashboardProperties {
  readonly name: string;
  readonly region: string;
  readonly services: readonly { readonly manifest: Manifest; readonly measured: Measured }[];
}

const COLUMNS = 24;
const WIDTH = 6;
const HEIGHT = 5;
const HEADING = 1;

/** One dashboard of an environment with a row for each service. More than three dashboards would cost three dollars each. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { name, region, services }: DashboardProperties) {
    super(scope, id);
    let y = 0;
    const widgets = services.flatMap(({ manifest, measured }) => {
      const metrics = serviceMetrics(manifest, measured);
      if (metrics.length === 0) return [];
      const row = [heading(manifest, y), ...metrics.map((metric, index) => widget(metric, { index, y, region }))];
      y += HEADING + HEIGHT * Math.ceil((metrics.length * WIDTH) / COLUMNS);
      return row;
    });
    new CloudwatchDashboard(this, 'dashboard', { dashboardName: name, dashboardBody: JSON.stringify({ widgets }) });
  }
}

const heading = ({ name, description }: Manifest, y: number) => ({
  type: 'text',
  x: 0,
  y,
  width: COLUMNS,
  height: HEADING,
  properties: { markdown: `## ${name}: ${description}` },
});

function widget(
  metric: Metric,
  { index, y, region }: { readonly index: number; readonly y: number; readonly region: string },
) {
  const { title, namespace, metricName, dimensions, statistic, alarm } = metric;
  return {
    type: 'metric',
    x: (index * WIDTH) % COLUMNS,
    y: y + HEADING + HEIGHT * Math.floor((index * WIDTH) / COLUMNS),
    width: WIDTH,
    height: HEIGHT,
    properties: {
      title,
      region,
      stat: statistic,
      period: 60,
      metrics: [[namespace, metricName, ...Object.entries(dimensions).flat()]],
      ...(alarm === undefined
        ? {}
        : { annotations: { horizontal: [{ label: alarm.meaning, value: alarm.threshold }] } }),
    },
  };
}
