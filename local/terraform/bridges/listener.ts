import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { blocks, number, requireText, text, type Values } from '../schema/value.ts';
import { changed, orNull, tagList } from './common.ts';
import { type Attribute, changeElbTags, ELB, elbTags, fromAttributes, toAttributes } from './elb-common.ts';
import { ACTION_TYPES, type Action, fromActions, redirectDefaults, toActions } from './listener-actions.ts';

const GONE = ['ListenerNotFoundException'];
const SETTINGS = ['alpn_policy', 'certificate_arn', 'default_action', 'port', 'protocol', 'ssl_policy'];
/** What AWS applies to an HTTPS listener that names no policy. */
const DEFAULT_SSL_POLICY = 'ELBSecurityPolicy-2016-08';

const CERTIFICATE_HEADERS = ['', '_issuer', '_leaf', '_serial_number', '_subject', '_validity'];
const ACCESS_CONTROL = [
  'allow_credentials',
  'allow_headers',
  'allow_methods',
  'allow_origin',
  'expose_headers',
  'max_age',
];
const RESPONSE_HEADERS = [
  ...ACCESS_CONTROL.map((name) => `access_control_${name}`),
  'content_security_policy',
  'strict_transport_security',
  'x_content_type_options',
  'x_frame_options',
];
/** Terraform's name without `routing_http_` in three parts, as the API has them with dots. */
const ROUTING = [
  ...CERTIFICATE_HEADERS.map((name) => ['request', `x_amzn_mtls_clientcert${name}`, 'header_name']),
  ['request', 'x_amzn_tls_cipher_suite', 'header_name'],
  ['request', 'x_amzn_tls_version', 'header_name'],
  ...RESPONSE_HEADERS.map((name) => ['response', name, 'header_value']),
  ['response', 'server', 'enabled'],
];
const ATTRIBUTES = Object.fromEntries(
  ROUTING.map((parts) => [`routing_http_${parts.join('_')}`, `routing.http.${parts.join('.')}`]),
);

interface Listener {
  readonly ListenerArn: string;
  readonly LoadBalancerArn: string;
  readonly Port?: number;
  readonly Protocol?: string;
  readonly SslPolicy?: string;
  readonly Certificates?: readonly { readonly CertificateArn?: string }[];
  readonly AlpnPolicy?: string[];
  readonly DefaultActions?: Action[];
}

const backend: Backend = {
  async create(planned, context) {
    const input = {
      LoadBalancerArn: requireText(planned, 'load_balancer_arn'),
      ...settings(planned),
      Protocol: text(planned, 'protocol') ?? (text(planned, 'certificate_arn') ? 'HTTPS' : 'HTTP'),
      Tags: tagList(planned),
    };
    const { Listeners } = await context.call<{ Listeners: [Listener] }>(ELB, 'CreateListener', input);
    const [{ ListenerArn: arn }] = Listeners;
    return { id: arn, arn };
  },
  complete: (created, context) => putAttributes(created, context),
  async read(state, context) {
    const ListenerArns = [requireText(state, 'id')];
    const answer = await absentOn(GONE, () =>
      context.call<{ Listeners?: Listener[] }>(ELB, 'DescribeListeners', { ListenerArns }),
    );
    const listener = answer?.Listeners?.[0];
    if (!listener) return undefined;
    const { ListenerArn } = listener;
    const input = { ListenerArn };
    const described = await context.call<{ Attributes?: Attribute[] }>(ELB, 'DescribeListenerAttributes', input);
    return {
      ...attributes(listener, state),
      ...fromAttributes(ATTRIBUTES, described.Attributes),
      tags_all: await elbTags(ListenerArn, context),
    };
  },
  async update(prior, planned, context) {
    const ListenerArn = requireText(prior, 'id');
    if (changed(prior, planned, SETTINGS)) {
      await context.call(ELB, 'ModifyListener', { ListenerArn, ...settings(planned) });
    }
    if (changed(prior, planned, Object.keys(ATTRIBUTES))) await putAttributes(planned, context);
    await changeElbTags(ListenerArn, prior, planned, context);
    return {};
  },
  async delete(state, context) {
    const ListenerArn = requireText(state, 'id');
    await absentOn(GONE, () => context.call(ELB, 'DeleteListener', { ListenerArn }));
  },
  importState: (id) => ({ id, arn: id }),
};

async function putAttributes(values: Values, context: Context): Promise<void> {
  const Attributes = toAttributes(ATTRIBUTES, values);
  const ListenerArn = requireText(values, 'id');
  if (Attributes.length > 0) await context.call(ELB, 'ModifyListenerAttributes', { ListenerArn, Attributes });
}

function settings(planned: Values): object {
  const certificate = text(planned, 'certificate_arn');
  const alpn = text(planned, 'alpn_policy');
  return {
    Port: number(planned, 'port'),
    Protocol: text(planned, 'protocol'),
    SslPolicy: text(planned, 'ssl_policy'),
    Certificates: certificate ? [{ CertificateArn: certificate }] : undefined,
    AlpnPolicy: alpn ? [alpn] : undefined,
    DefaultActions: toActions(blocks(planned, 'default_action')),
  };
}

function attributes(listener: Listener, state: Values): Values {
  const isHttps = listener.Protocol === 'HTTPS' || listener.Protocol === 'TLS';
  return {
    id: listener.ListenerArn,
    arn: listener.ListenerArn,
    load_balancer_arn: listener.LoadBalancerArn,
    port: orNull(listener.Port),
    protocol: orNull(listener.Protocol),
    ssl_policy: isHttps ? (listener.SslPolicy ?? DEFAULT_SSL_POLICY) : '',
    certificate_arn: orNull(listener.Certificates?.[0]?.CertificateArn),
    alpn_policy: orNull(listener.AlpnPolicy?.[0]),
    default_action: fromActions(listener.DefaultActions, blocks(state, 'default_action')),
  };
}

export const listener: ResourceDefinition = {
  backend,
  defaults: {
    ...redirectDefaults('default_action'),
    'mutual_authentication.ignore_client_certificate_expiry': false,
  },
  forceNew: ['load_balancer_arn'],
  computedBlocks: ['mutual_authentication'],
  oneOf: {
    protocol: ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'],
    'default_action.type': ACTION_TYPES,
    'default_action.redirect.status_code': ['HTTP_301', 'HTTP_302'],
  },
  validate(config) {
    const policy = text(config, 'ssl_policy');
    const isPolicy = !policy || policy.startsWith('ELBSecurityPolicy-');
    const wrong = {
      path: ['ssl_policy'],
      summary: `SSL policy '${policy}' not found`,
      detail: 'Names start with ELBSecurityPolicy-.',
    };
    const needsCertificate = config['protocol'] === 'HTTPS' && (config['certificate_arn'] ?? null) === null;
    const missing = {
      path: ['certificate_arn'],
      summary: 'A certificate must be specified for HTTPS listeners',
      detail: '',
    };
    return [...(isPolicy ? [] : [wrong]), ...(needsCertificate ? [missing] : [])];
  },
};
